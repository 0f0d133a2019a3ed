package jukvm.debug;

/** Has a replayed guest go forward on the way back. Belongs to the vCPU's thread. */
final class Retracing implements Backwards.Motion {
    private final DebuggedVcpu vcpu;
    private final ReplayedVcpu guest;
    private boolean isAtBreakpoint; // Which was met, so it is left by a step.

    Retracing(DebuggedVcpu vcpu, ReplayedVcpu guest) {
        this.vcpu = vcpu;
        this.guest = guest;
    }

    private long events() {
        return guest.replayer().moment().events();
    }

    @Override
    public End run() {
        if (isAtBreakpoint) {
            long events = events();
            End stepped = step();
            if (stepped == End.OVER || events() > events) {
                return stepped;
            }
        }
        return forward(false);
    }

    @Override
    public End step() {
        moved();
        guest.stops().lift();
        try {
            return forward(true);
        } finally {
            guest.stops().place();
        }
    }

    @Override
    public void moved() {
        isAtBreakpoint = false;
    }

    private End forward(boolean byStep) {
        vcpu.setOut(byStep);
        long events = events();
        while (vcpu.mayRun()) {
            boolean goesOn = vcpu.advance();
            String stop = vcpu.takeStop();
            if (!goesOn) {
                return End.ENDED;
            }
            if (stop != null) {
                return stopped(stop);
            }
            if (!byStep && events() > events) {
                return End.THERE;
            }
        }
        return End.OVER;
    }

    private End stopped(String why) {
        isAtBreakpoint = why.contains("break");
        if (why.equals(DebuggedVcpu.INTERRUPTED)) {
            return End.OVER;
        }
        return isAtBreakpoint ? End.BREAKPOINT : End.THERE;
    }
}
