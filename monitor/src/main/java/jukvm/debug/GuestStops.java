package jukvm.debug;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import jukvm.kvm.DebugRegisters;
import jukvm.kvm.DebugRegisters.Kind;
import jukvm.kvm.DebugRegisters.Target;
import jukvm.memory.GuestMemory;
import jukvm.vm.DebugSupport;
import org.jspecify.annotations.Nullable;

/**
 * Where a debugger has a guest stop, and what it sees of the guest's memory. Breakpoints are {@code
 * int3} in memory, by the monitor's own view, so that W^X stays in force for the guest; to whoever
 * reads they are not there. Watched memory is looked at after each instruction. Where the host's
 * KVM lets the guest meet the processor's debug registers, and there is room in them, they have
 * what is watched and the breakpoints that gdb asks of the processor. Belongs to the vCPU's thread.
 */
final class GuestStops {
    private static final byte INT3 = (byte) 0xcc;
    private static final int MAX_BREAKPOINTS = 4096;
    private static final int MAX_WATCHES = 64;
    private static final int MAX_WATCHED = 4096;

    private final GuestMemory memory;
    private final Map<Long, Breakpoint> breakpoints = new TreeMap<>();
    private final Map<Range, byte[]> watched = new LinkedHashMap<>(); // With what was there last.
    private DebugSupport support;
    private final DebugRegisters registers = new DebugRegisters();

    private static final class Breakpoint {
        byte original;
        boolean isSoftware;
        boolean isHardware;
    }

    /** Memory that is watched for changes. */
    record Range(long gpa, int length) {
        Target target(Kind kind) {
            return new Target(kind, gpa, length);
        }
    }

    /** Makes one that does without debug registers. */
    GuestStops(GuestMemory memory) {
        this(memory, DebugSupport.NONE);
    }

    /**
     * Makes one.
     *
     * @param support of its debug registers that the guest meets
     */
    GuestStops(GuestMemory memory, DebugSupport support) {
        this.memory = memory;
        this.support = support;
    }

    /** Does without debug registers from now on, in which there is nothing yet. */
    void useMemoryAlone() {
        support = DebugSupport.NONE;
    }

    /** Returns what the vCPU is to run with. */
    DebugRegisters registers() {
        return registers;
    }

    boolean isBreakpoint(long gpa) {
        return breakpoints.containsKey(gpa) || registers.holds(instruction(gpa));
    }

    private static Target instruction(long gpa) {
        return new Target(Kind.EXECUTION, gpa, 1);
    }

    /** Returns what is met at a breakpoint, as a stop reply has it. */
    String reason(long gpa) {
        Breakpoint there = breakpoints.get(gpa);
        return there != null && there.isSoftware ? "swbreak:;" : "hwbreak:;";
    }

    /**
     * Sets a breakpoint.
     *
     * @param isHardware whether it is one for which gdb asks the processor
     * @return false if there is no memory of the guest's, or there are too many
     */
    boolean add(long gpa, boolean isHardware) {
        Breakpoint there = breakpoints.get(gpa);
        if (there == null) {
            if (!isGuests(gpa, 1) || breakpoints.size() >= MAX_BREAKPOINTS) {
                return false;
            }
            if (isHardware && support.instructions() && registers.add(instruction(gpa))) {
                return true;
            }
            there = new Breakpoint();
            there.original = memory.owned(gpa, 1).get(0);
            memory.owned(gpa, 1).put(0, INT3);
            breakpoints.put(gpa, there);
        }
        there.isSoftware |= !isHardware;
        there.isHardware |= isHardware;
        return true;
    }

    /** Removes a breakpoint, if it is there. */
    void remove(long gpa, boolean isHardware) {
        Breakpoint there = breakpoints.get(gpa);
        if ((isHardware && registers.remove(instruction(gpa))) || there == null) {
            return;
        }
        there.isSoftware &= isHardware;
        there.isHardware &= !isHardware;
        if (!there.isSoftware && !there.isHardware) {
            memory.owned(gpa, 1).put(0, there.original);
            breakpoints.remove(gpa);
        }
    }

    /** Watches memory for writes; false if it is not the guest's, or too much. */
    boolean watch(Range range) {
        if (!canBeWatched(range) || watched.size() >= MAX_WATCHES) {
            return false;
        }
        watched.put(range, read(range.gpa(), range.length()));
        boolean unused = support.data() && registers.add(range.target(Kind.WRITE));
        return true;
    }

    private boolean canBeWatched(Range range) {
        return range.length() > 0
                && range.length() <= MAX_WATCHED
                && isGuests(range.gpa(), range.length());
    }

    void unwatch(Range range) {
        watched.remove(range);
        boolean unused = registers.remove(range.target(Kind.WRITE));
    }

    /** Returns whether the guest can be stopped when it reads. */
    boolean seeReads() {
        return support.data();
    }

    /** Watches memory for reads and writes; false if it is not the guest's, or there is no room. */
    boolean watchReads(Range range) {
        return seeReads() && canBeWatched(range) && registers.add(range.target(Kind.ACCESS));
    }

    void unwatchReads(Range range) {
        boolean unused = registers.remove(range.target(Kind.ACCESS));
    }

    /** Returns whether memory is to be looked at after each instruction. */
    boolean areWatching() {
        return !watched.keySet().stream().allMatch(this::isInRegisters);
    }

    private boolean isInRegisters(Range range) {
        return registers.holds(range.target(Kind.WRITE));
    }

    /**
     * Returns what has changed of memory that debug registers watch, which see what the guest does
     * and not what the monitor does for it; null if nothing.
     */
    @Nullable Range changedUnseen() {
        return registers.isEmpty() ? null : changed();
    }

    /**
     * Returns which data a debug register found, as a stop reply has it; null if none.
     *
     * @param status of the exit
     */
    @Nullable String found(long status) {
        Target met = registers.met(status);
        if (met == null || met.kind() == Kind.EXECUTION) {
            return null;
        }
        Range unused = changed(); // Which is seen herewith.
        String how = met.kind() == Kind.WRITE ? "watch:" : "awatch:";
        return how + Long.toHexString(met.address()) + ";";
    }

    /** Returns what is watched. */
    Set<Range> watched() {
        return watched.keySet();
    }

    /** Returns how many breakpoints there are. */
    int breakpoints() {
        return breakpoints.size();
    }

    /** Returns what has changed since it was looked at last, null if nothing. */
    @Nullable Range changed() {
        Range found = null;
        for (Map.Entry<Range, byte[]> entry : watched.entrySet()) {
            byte[] now = read(entry.getKey().gpa(), entry.getKey().length());
            if (!Arrays.equals(now, entry.getValue())) {
                found = entry.getKey();
                entry.setValue(now);
            }
        }
        return found;
    }

    /** Takes all breakpoints out of memory, until {@link #place}. */
    void lift() {
        breakpoints.forEach((gpa, there) -> memory.owned(gpa, 1).put(0, there.original));
    }

    /** Puts all breakpoints into memory, which may be another by now. */
    void place() {
        breakpoints.forEach(
                (gpa, there) -> {
                    there.original = memory.owned(gpa, 1).get(0);
                    memory.owned(gpa, 1).put(0, INT3);
                });
    }

    /** Removes all. */
    void clear() {
        watched.clear();
        registers.clear();
        for (long gpa : breakpoints.keySet().toArray(Long[]::new)) {
            remove(gpa, false);
            remove(gpa, true);
        }
    }

    /** Returns whether there is memory of the guest's; the monitor's own is not for debuggers. */
    boolean isGuests(long gpa, int length) {
        return memory.isReadable(gpa, length);
    }

    /** Returns bytes of {@link #isGuests guest memory} as they are without breakpoints. */
    byte[] read(long gpa, int length) {
        byte[] bytes = new byte[length];
        memory.readable(gpa, length).get(bytes);
        breakpoints.forEach(
                (at, breakpoint) -> {
                    if (at >= gpa && at < gpa + length) {
                        bytes[(int) (at - gpa)] = breakpoint.original;
                    }
                });
        return bytes;
    }

    /**
     * Changes bytes of {@link #isGuests guest memory}, whatever the guest's rights; breakpoints
     * stay.
     */
    void write(long gpa, byte[] bytes) {
        ByteBuffer at = memory.owned(gpa, bytes.length);
        at.put(0, bytes);
        breakpoints.forEach(
                (address, breakpoint) -> {
                    long offset = address - gpa;
                    if (offset >= 0 && offset < bytes.length) {
                        breakpoint.original = bytes[(int) offset];
                        at.put((int) offset, INT3);
                    }
                });
    }
}
