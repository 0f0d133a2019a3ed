package jukvm.snapshot;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import jukvm.abi.PrivilegeLevel;
import jukvm.device.NetRing;
import jukvm.vm.ResumePoint;
import jukvm.x86.EmulatorState;
import org.jspecify.annotations.Nullable;

/**
 * What of a snapshot is a few numbers.
 *
 * <pre>
 * u64 each: ring @0, memory in bytes @8, frequency of the time-stamp counter in Hz @16, what that
 * was @24, id of the host's boot @32, @40, port @48 and argument @56 of the hypercall that is to be
 * answered; of a guest at ring 3 what it believes to have loaded: kernel GS base @64, GDT @72 and
 * its limit @80, IDT @88 and its limit @96, TSS @104; of a guest with a network ring 1 @112, and
 * how many submissions were served @120 and completed @128
 * </pre>
 *
 * @param privilege the guest runs at
 * @param memory of it in bytes
 * @param tscHz frequency of its time-stamp counter
 * @param counter what that was
 * @param boot of the host
 * @param resume where its clones go on
 */
record Facts(
        PrivilegeLevel privilege,
        long memory,
        long tscHz,
        long counter,
        UUID boot,
        ResumePoint resume) {
    static final int SIZE = 136;
    private static final int AT_RING = 112;

    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    private static final long MAX_HZ = 1L << 40;

    /** Returns the id of this host's boot; zeroes if it is not to be seen. */
    static UUID thisBoot() {
        try {
            return UUID.fromString(Files.readString(BOOT_ID).strip());
        } catch (IOException | IllegalArgumentException e) {
            return new UUID(0, 0);
        }
    }

    byte[] encode() {
        byte[] bytes = new byte[SIZE];
        ByteBuffer at = Head.ordered(bytes);
        at.putLong(privilege.number()).putLong(memory).putLong(tscHz).putLong(counter);
        at.putLong(boot.getMostSignificantBits()).putLong(boot.getLeastSignificantBits());
        at.putLong(resume.port()).putLong(resume.gpa());
        EmulatorState known = resume.emulator();
        if (known != null) {
            at.putLong(known.kernelGsBase());
            at.putLong(known.gdt()).putLong(known.gdtLimit());
            at.putLong(known.idt()).putLong(known.idtLimit()).putLong(known.tss());
        }
        NetRing.State ring = resume.ring();
        if (ring != null) {
            at.putLong(AT_RING, 1)
                    .putLong(AT_RING + 8, Integer.toUnsignedLong(ring.served()))
                    .putLong(AT_RING + 16, Integer.toUnsignedLong(ring.completed()));
        }
        return bytes;
    }

    /**
     * Reads them.
     *
     * @param at {@link #SIZE} bytes; hostile
     * @throws jukvm.error.ImageException if one is impossible
     */
    static Facts decode(ByteBuffer at) {
        long ring = at.getLong();
        PrivilegeLevel privilege =
                require("ring", ring, ring == 0 || ring == 3) == 0
                        ? PrivilegeLevel.RING_0
                        : PrivilegeLevel.RING_3;
        long memory = at.getLong();
        long hz = at.getLong();
        require("frequency of the time-stamp counter", hz, hz > 0 && hz <= MAX_HZ);
        long counter = at.getLong();
        require("time-stamp counter", counter, counter >= 0);
        UUID boot = new UUID(at.getLong(), at.getLong());
        long port = at.getLong();
        require("port", port, port >= 0 && port <= 0xffff);
        long gpa = at.getLong();
        require("argument", gpa, gpa >= 0 && gpa <= 0xffffffffL);
        ByteBuffer ringAt = at.slice(AT_RING, SIZE - AT_RING).order(at.order());
        EmulatorState known = privilege == PrivilegeLevel.RING_0 ? null : emulator(at);
        ResumePoint resume = new ResumePoint(known, (int) port, gpa, ring(ringAt));
        return new Facts(privilege, memory, hz, counter, boot, resume);
    }

    private static @Nullable EmulatorState emulator(ByteBuffer at) {
        long gsBase = at.getLong();
        long gdt = at.getLong();
        long gdtLimit = at.getLong();
        long idt = at.getLong();
        long idtLimit = at.getLong();
        Registers.requireCanonical("kernel GS base", gsBase);
        require("limit of the GDT", gdtLimit, gdtLimit >= 0 && gdtLimit <= 0xffff);
        require("limit of the IDT", idtLimit, idtLimit >= 0 && idtLimit <= 0xffff);
        return new EmulatorState(gsBase, gdt, gdtLimit, idt, idtLimit, at.getLong());
    }

    private static NetRing.@Nullable State ring(ByteBuffer at) {
        long isOffered = at.getLong();
        require("network ring", isOffered, isOffered == 0 || isOffered == 1);
        return isOffered == 0 ? null : new NetRing.State(index(at), index(at));
    }

    private static int index(ByteBuffer at) {
        long index = at.getLong();
        return (int) require("index of the network ring", index, index >>> Integer.SIZE == 0);
    }

    private static long require(String name, long value, boolean isPossible) {
        if (!isPossible) {
            throw Head.damaged(name + " is 0x" + Long.toHexString(value));
        }
        return value;
    }
}
