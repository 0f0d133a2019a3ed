package jukvm.debug;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import jukvm.kvm.KvmRegs.Reg;
import jukvm.kvm.VcpuSnapshot;
import jukvm.memory.GuestMemory;
import jukvm.memory.UsedPages;
import jukvm.replay.RunReplayer;
import jukvm.x86.EmulatorState;
import org.jspecify.annotations.Nullable;

/**
 * All of what a replayed guest was at one moment: memory, vCPU, what the trap emulator knew, and
 * how much of its recording was used up. Pages that are as in another are shared with it. Belongs
 * to the vCPU's thread.
 */
final class Checkpoint implements AutoCloseable {
    // Of the monitor's own pages the one that traps change.
    private static final long TRAPS = 0x1000;

    // What stepping changes of the flags: the trap flag, and that of a return to a breakpoint.
    private static final long STEPPING = 1 << 8 | 1 << 16;

    private final RunReplayer.Moment moment;
    private final Map<Long, byte[]> pages;
    private final VcpuSnapshot vcpu;
    private final @Nullable EmulatorState emulator;
    private final boolean isTrapped;
    private final Map<Reg, Long> registers;

    private Checkpoint(
            RunReplayer.Moment moment,
            Map<Long, byte[]> pages,
            VcpuSnapshot vcpu,
            @Nullable EmulatorState emulator,
            boolean isTrapped,
            Map<Reg, Long> registers) {
        this.moment = moment;
        this.pages = pages;
        this.vcpu = vcpu;
        this.emulator = emulator;
        this.isTrapped = isTrapped;
        this.registers = registers;
    }

    /**
     * Takes one of now.
     *
     * @param like one to share pages with
     */
    static Checkpoint of(ReplayedVcpu guest, @Nullable Checkpoint like) {
        GuestStops stops = guest.stops();
        stops.lift();
        try {
            return new Checkpoint(
                    guest.replayer().moment(),
                    pages(guest.memory(), like),
                    guest.save(),
                    guest.emulator() == null ? null : guest.emulator().state(),
                    guest.state().isTrapped(),
                    registers(guest.state()));
        } finally {
            stops.place();
        }
    }

    private static Map<Long, byte[]> pages(GuestMemory memory, @Nullable Checkpoint like) {
        Map<Long, byte[]> pages = new HashMap<>();
        UsedPages.each(
                memory,
                gpa -> {
                    if (gpa == TRAPS || memory.isReadable(gpa, GuestMemory.PAGE)) {
                        ByteBuffer now = memory.owned(gpa, GuestMemory.PAGE);
                        byte[] known = like == null ? null : like.pages.get(gpa);
                        pages.put(gpa, known != null && isEqual(now, known) ? known : copy(now));
                    }
                });
        return pages;
    }

    private static boolean isEqual(ByteBuffer page, byte[] known) {
        return page.mismatch(ByteBuffer.wrap(known)) < 0;
    }

    private static byte[] copy(ByteBuffer page) {
        byte[] copy = new byte[GuestMemory.PAGE];
        page.get(0, copy);
        return copy;
    }

    private static Map<Reg, Long> registers(GuestState state) {
        Map<Reg, Long> values = new EnumMap<>(Reg.class);
        for (Reg reg : Reg.values()) {
            long value = state.get(reg);
            values.put(reg, reg == Reg.RFLAGS ? value & ~STEPPING : value);
        }
        return values;
    }

    /** Returns how many events there were before. */
    long events() {
        return moment.events();
    }

    /** Returns where the guest was. */
    long rip() {
        return Objects.requireNonNull(registers.get(Reg.RIP));
    }

    /** Returns whether memory in a range is as it is in another. */
    boolean isAlike(Checkpoint other, GuestStops.Range range) {
        for (long gpa = range.gpa(); gpa < range.gpa() + range.length(); gpa++) {
            if (octet(gpa) != other.octet(gpa)) {
                return false;
            }
        }
        return true;
    }

    private byte octet(long gpa) {
        int offset = (int) (gpa % GuestMemory.PAGE);
        byte[] page = pages.get(gpa - offset);
        return page == null ? 0 : page[offset];
    }

    /** Returns whether the guest is there now: registers and memory are the same. */
    boolean isNow(ReplayedVcpu guest) {
        if (guest.replayer().moment().events() != events()
                || guest.state().rip() != rip()
                || !registers.equals(registers(guest.state()))) {
            return false;
        }
        guest.stops().lift();
        try {
            return isMemory(guest.memory());
        } finally {
            guest.stops().place();
        }
    }

    private boolean isMemory(GuestMemory memory) {
        int[] same = {0};
        boolean[] differs = {false};
        UsedPages.each(
                memory,
                gpa -> {
                    if (!differs[0] && memory.isReadable(gpa, GuestMemory.PAGE)) {
                        byte[] known = pages.get(gpa);
                        ByteBuffer now = memory.owned(gpa, GuestMemory.PAGE);
                        differs[0] = known == null || !isEqual(now, known);
                        same[0]++;
                    }
                });
        long own = pages.keySet().stream().filter(gpa -> isGuests(memory, gpa)).count();
        return !differs[0] && same[0] == own;
    }

    private static boolean isGuests(GuestMemory memory, long gpa) {
        return memory.isReadable(gpa, GuestMemory.PAGE);
    }

    /** Makes the guest again what it was. */
    void restore(ReplayedVcpu guest) {
        guest.stops().lift();
        restore(guest.memory());
        guest.restore(vcpu);
        if (emulator != null && guest.emulator() != null) {
            guest.emulator().resume(emulator);
        }
        guest.replayer().goTo(moment);
        guest.state().setTrapped(isTrapped);
        guest.stops().place();
    }

    private void restore(GuestMemory memory) {
        List<Long> gone = new ArrayList<>();
        UsedPages.each(
                memory,
                gpa -> {
                    if (!pages.containsKey(gpa) && isGuests(memory, gpa)) {
                        gone.add(gpa);
                    }
                });
        for (long gpa : gone) {
            memory.owned(gpa, GuestMemory.PAGE).put(0, new byte[GuestMemory.PAGE]);
        }
        pages.forEach(
                (gpa, page) -> {
                    ByteBuffer now = memory.owned(gpa, GuestMemory.PAGE);
                    if (!isEqual(now, page)) {
                        now.put(0, page);
                    }
                });
    }

    @Override
    public void close() {
        vcpu.close();
    }
}
