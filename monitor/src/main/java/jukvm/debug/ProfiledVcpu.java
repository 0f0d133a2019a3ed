package jukvm.debug;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import jukvm.abi.PrivilegeLevel;
import jukvm.control.Time;
import jukvm.image.GuestImage;
import jukvm.image.Symbols;
import jukvm.kvm.KvmRegs.Reg;
import jukvm.kvm.KvmVcpu;
import jukvm.memory.GuestMemory;
import jukvm.vm.GuestVm;
import org.jspecify.annotations.Nullable;

/**
 * A vCPU that is kicked at intervals, to see where its guest is: in its own code, or in the monitor
 * on its behalf, which is told by where it will go on. Belongs to the vCPU's thread, but for the
 * ticks.
 */
public final class ProfiledVcpu extends InspectedVcpu {
    private static final String MONITOR = "[monitor]";
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long[] NOWHERE = {};

    private final GuestMemory memory;
    private final GuestImage image;
    private final Samples samples;
    private final Time time;
    private final Map<Stack, Stack> stacks = new HashMap<>();
    private final AtomicInteger ticks = new AtomicInteger();
    private long from;
    private volatile boolean isInside;
    private Time.@Nullable Timer timer;
    private boolean hasEnded;
    private long tick;

    /** Where a guest was, innermost first, and how often. */
    private static final class Stack {
        final long[] places;
        final boolean isMonitor;
        long count;

        Stack(long[] places, boolean isMonitor) {
            this.places = places;
            this.isMonitor = isMonitor;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Stack stack
                    && isMonitor == stack.isMonitor
                    && Arrays.equals(places, stack.places);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(places) * 31 + Boolean.hashCode(isMonitor);
        }
    }

    /** Makes one of a VM's vCPU, which is kicked from its first run on. */
    public ProfiledVcpu(
            GuestVm vm, GuestImage image, PrivilegeLevel privilege, Samples samples, Time time) {
        super((KvmVcpu) vm.vcpu(), vm.memory(), privilege);
        this.memory = vm.memory();
        this.image = image;
        this.samples = samples;
        this.time = time;
    }

    // Each is counted from the first, so that none is lost by those before being late.
    private synchronized void schedule() {
        if (!hasEnded) {
            from = tick == 0 ? time.now() : from;
            tick++;
            long next = from + tick * SECOND / samples.hz();
            timer = time.schedule(this::tick, next - time.now());
        }
    }

    private void tick() {
        ticks.incrementAndGet();
        if (isInside) {
            vcpu.kick();
        }
        schedule();
    }

    @Override
    public Return run() {
        if (timer == null) {
            schedule();
        }
        take(true); // Those that came while the guest was not running.
        isInside = true;
        Return back = vcpu.run();
        isInside = false;
        take(false);
        return back;
    }

    private void take(boolean isMonitor) {
        int count = ticks.get() == 0 ? 0 : ticks.getAndSet(0);
        if (count > 0) {
            Stack seen = new Stack(places(), isMonitor);
            Stack known = stacks.get(seen);
            if (known == null) {
                known = stacks.size() < Samples.MAX_STACKS ? seen : new Stack(NOWHERE, false);
                Stack before = stacks.putIfAbsent(known, known);
                known = before == null ? known : before;
            }
            known.count += count;
        }
    }

    private long[] places() {
        state.setTrapped(false);
        state.setTrapped(state.isInStub());
        return Backtrace.walk(image, memory, state.rip(), state.get(Reg.RSP), state.get(Reg.RBP));
    }

    /** Kicks no more, and hands over what was seen; the guest has ended. */
    public void ended() {
        synchronized (this) {
            hasEnded = true;
            Time.cancel(timer);
        }
        take(true);
        debug.close();
        Symbols symbols = image.symbols();
        for (Stack stack : stacks.keySet()) {
            samples.add(names(stack, symbols), stack.count);
        }
    }

    private static List<String> names(Stack stack, Symbols symbols) {
        if (stack.places.length == 0) {
            return List.of(Samples.OTHERS);
        }
        List<String> names = new ArrayList<>();
        for (int i = stack.places.length - 1; i > 0; i--) {
            names.add(symbols.function(stack.places[i] - 1)); // Where the call is, not after it.
        }
        names.add(symbols.function(stack.places[0]));
        if (stack.isMonitor) {
            names.add(MONITOR);
        }
        return names;
    }
}
