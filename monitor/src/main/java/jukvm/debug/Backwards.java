package jukvm.debug;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Goes back in a replayed run: to a checkpoint before, and forward from there to where it was to
 * be. Where the guest is between two events is known by steps, or by how often it has met a
 * breakpoint; that it is where it was before, by registers and memory. Belongs to the vCPU's
 * thread.
 */
final class Backwards {
    private static final int MAX_CHECKPOINTS = 64;
    private static final int STEPS_BETWEEN = 2000;
    private static final int NEAR = 64; // In events.

    // How far back, in events, all that happens is looked at; beyond, what lasts to a checkpoint.
    private static final long THOROUGH = 100_000;

    private static final String BEGIN = "T05replaylog:begin;";
    private static final String STEPPED = "T05thread:1;";
    private static final long NOWHERE = -1;

    private final ReplayedVcpu guest;
    private final Motion motion;
    private final List<Checkpoint> checkpoints = new ArrayList<>();
    private @Nullable Checkpoint near; // Just before where the guest went back to last.
    private long interval = 1000; // In events.
    private long seen; // How many events there were when the guest ran on last.

    /** What has the guest go forward. */
    interface Motion {
        /** What ended it. */
        enum End {
            /** As many events as it was to go, or another stop of its. */
            THERE,
            BREAKPOINT,
            /** The guest has ended. */
            ENDED,
            /** Nothing more is known of it, or gdb interrupts. */
            OVER;

            boolean isLast() {
                return this == ENDED || this == OVER;
            }
        }

        /**
         * Lets the guest run to a breakpoint, but not further than to its next event.
         *
         * @return {@code THERE} after an event
         */
        End run();

        /** Has the guest do one instruction, whether there is a breakpoint or not. */
        End step();

        /** Learns that the guest is elsewhere now. */
        void moved();
    }

    Backwards(ReplayedVcpu guest, Motion motion) {
        this.guest = guest;
        this.motion = motion;
        checkpoints.add(Checkpoint.of(guest, null));
    }

    private long events() {
        return guest.replayer().moment().events();
    }

    /** Learns that gdb has the guest run on from where it is, which may be anywhere. */
    void setsOut() {
        seen = events();
    }

    /**
     * Takes a checkpoint if the last is long ago and the guest was just told something: what is
     * between two events is never divided.
     *
     * @param mayTake whether the guest is not stepped
     */
    void passed(boolean mayTake) {
        boolean isToldNow = events() > seen;
        seen = events();
        Checkpoint last = last(checkpoints);
        if (!isToldNow || !mayTake || seen < last.events() + interval) {
            return;
        }
        checkpoints.add(Checkpoint.of(guest, last));
        if (checkpoints.size() > MAX_CHECKPOINTS) {
            interval *= 2;
            for (int i = checkpoints.size() - 2; i > 0; i -= 2) {
                checkpoints.remove(i).close();
            }
        }
    }

    private static <T> T last(List<T> list) {
        return list.get(list.size() - 1);
    }

    /** Goes to before the instruction that was done last, and returns the stop reply. */
    String step() {
        try (Checkpoint here = Checkpoint.of(guest, last(checkpoints))) {
            return stepBefore(here);
        }
    }

    // Where an event was done last, the instruction is before it.
    private String stepBefore(Checkpoint here) {
        goTo(here.events());
        if (here.isNow(guest)) {
            if (here.events() == 0) {
                return BEGIN;
            }
            goTo(here.events() - 1);
        }
        try (Steps steps = new Steps()) {
            boolean goesOn = true;
            while (!here.isNow(guest)) {
                if (!goesOn) {
                    return STEPPED; // Interrupted, wherever that is.
                }
                goesOn = steps.next();
            }
            steps.goTo(steps.count - 1);
            return STEPPED;
        }
    }

    /** Steps from where the guest is, from which it can go back to any of them. */
    private final class Steps implements AutoCloseable {
        private final List<Checkpoint> marks = new ArrayList<>();
        long count;

        Steps() {
            mark();
        }

        private void mark() {
            marks.add(Checkpoint.of(guest, last(marks.isEmpty() ? checkpoints : marks)));
        }

        /** Does one more; false if it is the last. */
        boolean next() {
            Motion.End end = motion.step();
            count++;
            if (count % STEPS_BETWEEN == 0) {
                mark();
            }
            return !end.isLast();
        }

        void goTo(long step) {
            int mark = (int) (step / STEPS_BETWEEN);
            restore(marks.get(mark));
            for (long at = (long) mark * STEPS_BETWEEN; at < step; at++) {
                Motion.End unused = motion.step();
            }
        }

        @Override
        public void close() {
            marks.forEach(Checkpoint::close);
        }
    }

    // To just after so many events; breakpoints are passed. The next time it is not so far.
    private void goTo(long events) {
        Checkpoint from = before(events);
        restore(from);
        runTo(events - NEAR);
        if (events() > from.events()) {
            Checkpoint taken = Checkpoint.of(guest, from);
            closeNear();
            near = taken;
        }
        runTo(events);
    }

    private Checkpoint before(long events) {
        Checkpoint found = checkpoints.get(indexBefore(events));
        Checkpoint other = near;
        boolean isNearer =
                other != null && other.events() <= events && other.events() > found.events();
        return isNearer ? Objects.requireNonNull(other) : found;
    }

    private void runTo(long events) {
        boolean goesOn = true;
        while (goesOn && events() < events) {
            goesOn = !motion.run().isLast();
        }
    }

    private int indexBefore(long events) {
        int found = 0;
        for (int i = 1; i < checkpoints.size(); i++) {
            found = checkpoints.get(i).events() <= events ? i : found;
        }
        return found;
    }

    /** Goes to the last stop before, and returns the stop reply. */
    String goOn() {
        try (Checkpoint here = Checkpoint.of(guest, last(checkpoints))) {
            boolean wasSet = guest.stops().isBreakpoint(here.rip());
            boolean isMarked = !wasSet && guest.stops().add(here.rip(), true);
            try {
                return search(here, isMarked);
            } finally {
                if (isMarked) {
                    guest.stops().remove(here.rip(), true);
                }
            }
        }
    }

    private String search(Checkpoint here, boolean isMarked) {
        Checkpoint end = here;
        for (int i = indexBefore(here.events()); i >= 0; i--) {
            Checkpoint start = checkpoints.get(i);
            boolean isPassedOver = isPassedOver(start, end, here, isMarked);
            String stop = isPassedOver ? "" : search(start, end, here, isMarked);
            if (!stop.isEmpty()) {
                return stop;
            }
            end = start;
        }
        restore(checkpoints.get(0));
        return BEGIN;
    }

    // Far back, where to run again takes long: if only memory is watched, and is the same at both.
    private boolean isPassedOver(
            Checkpoint start, Checkpoint end, Checkpoint here, boolean isMarked) {
        GuestStops stops = guest.stops();
        return here.events() - end.events() >= THOROUGH
                && stops.breakpoints() == (isMarked ? 1 : 0)
                && stops.watched().stream().allMatch(range -> start.isAlike(end, range));
    }

    // The last stop between two; nothing if there is none.
    private String search(Checkpoint start, Checkpoint end, Checkpoint here, boolean isMarked) {
        long events = end == here ? here.events() + 1 : end.events(); // Beyond where it was.
        Found found = lastBetween(start, events, here, isMarked);
        if (found.isOver) {
            return DebuggedVcpu.INTERRUPTED;
        }
        if (found.change >= 0 && found.change >= found.hitEvents) {
            String stop = change(found.change, here, isMarked);
            if (!stop.isEmpty()) {
                return stop;
            }
        }
        if (found.hits > 0) {
            goToHit(start, found.hits, here, isMarked);
            return hit();
        }
        return "";
    }

    private String hit() {
        return STEPPED + guest.stops().reason(guest.state().rip());
    }

    /** What there was between two moments. */
    private static final class Found {
        int hits;
        long hitEvents = NOWHERE;
        long change = NOWHERE; // The events after which watched memory changed last.
        boolean isOver; // Whether it was ended on the way.
    }

    // Up to so many events, or where the guest was.
    private Found lastBetween(Checkpoint start, long end, Checkpoint here, boolean isMarked) {
        Found found = new Found();
        restore(start);
        GuestStops stops = guest.stops();
        GuestStops.Range unused = stops.changed();
        long events = events();
        while (!here.isNow(guest)) {
            Motion.End moved = motion.run();
            if (stops.changed() != null) {
                found.change = events;
            }
            found.isOver = moved == Motion.End.OVER;
            if (moved.isLast() || (events() >= end && events() > events)) {
                break;
            }
            events = events();
            if (moved == Motion.End.BREAKPOINT && isHit(here, isMarked)) {
                found.hits++;
                found.hitEvents = events;
            }
        }
        return found;
    }

    private boolean isHit(Checkpoint here, boolean isMarked) {
        return !(isMarked && guest.state().rip() == here.rip()) && !here.isNow(guest);
    }

    private void goToHit(Checkpoint start, int hits, Checkpoint here, boolean isMarked) {
        restore(start);
        for (int left = hits; left > 0; ) {
            Motion.End moved = motion.run();
            if (moved.isLast()) {
                return;
            }
            left -= moved == Motion.End.BREAKPOINT && isHit(here, isMarked) ? 1 : 0;
        }
    }

    // To before the instruction that changed watched memory last after so many events, and before
    // the next or where the guest was.
    private String change(long events, Checkpoint here, boolean isMarked) {
        goTo(events);
        GuestStops stops = guest.stops();
        GuestStops.Range changed = stops.changed();
        try (Steps steps = new Steps()) {
            long last = NOWHERE;
            String why = "";
            boolean goesOn = true;
            while (goesOn && events() <= events && !here.isNow(guest)) {
                boolean isBreakpoint = stops.isBreakpoint(guest.state().rip());
                if (steps.count > 0 && isBreakpoint && isHit(here, isMarked)) {
                    last = steps.count;
                    why = hit();
                }
                goesOn = steps.next();
                changed = stops.changed();
                if (changed != null) {
                    last = steps.count - 1;
                    why = "T05watch:" + Long.toHexString(changed.gpa()) + ";";
                }
            }
            if (last != NOWHERE) {
                steps.goTo(last);
                changed = stops.changed();
            }
            return why;
        }
    }

    private void restore(Checkpoint checkpoint) {
        checkpoint.restore(guest);
        motion.moved();
    }

    private void closeNear() {
        if (near != null) {
            near.close();
        }
    }

    void close() {
        closeNear();
        checkpoints.forEach(Checkpoint::close);
        checkpoints.clear();
    }
}
