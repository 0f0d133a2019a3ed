package jukvm.hypercall;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import jukvm.device.AttachedBlock;
import jukvm.device.AttachedNet;
import jukvm.device.Console;
import jukvm.device.Devices;
import jukvm.device.LoopNet;
import jukvm.device.Notices;
import jukvm.device.RamDisk;
import jukvm.device.WallClock;
import jukvm.error.GuestException;
import jukvm.io.Poller;
import jukvm.memory.GuestMemory;

/**
 * A guest's memory, no byte of it zero, with a page the guest may not write; and a disk and an
 * interface attached to it.
 */
final class AttachedGuest implements AutoCloseable {
    static final int SIZE = 0x10000;
    static final int READ_ONLY = 0x8000;
    static final int READ_ONLY_END = 0x9000;

    /** An address of a struct, as good as any other. */
    static final int STRUCT = 0x1008;

    /** An address of a buffer, as good as any other. */
    static final int DATA = 0x2000;

    static final int DISK = 3;
    static final int NET = 5;
    static final int BLOCK = 512;
    static final int BLOCKS = 16;

    final GuestMemory memory = GuestMemory.allocate(SIZE);
    final RamDisk disk;
    final LoopNet loop = new LoopNet().within(memory);
    final List<String> lines = new ArrayList<>();
    final AttachedBlock block;
    final AttachedNet net;
    final Poller poller = new Poller();
    final Devices devices;

    AttachedGuest() {
        this(new RamDisk(BLOCKS * BLOCK, BLOCK));
    }

    AttachedGuest(RamDisk disk) {
        this.disk = disk.within(memory);
        Notices notices = new Notices(lines::add);
        block = new AttachedBlock("storage", disk, notices, poller);
        net = new AttachedNet("service", loop, notices);
        devices =
                new Devices(
                        Console.discard(), WallClock.host(), poller, Map.of(DISK, block, NET, net));
        for (int i = 0; i < SIZE; i++) {
            memory.owned(i, 1).put(0, (byte) (i % 251 + 1));
        }
        memory.protect(READ_ONLY, READ_ONLY_END - READ_ONLY);
    }

    /** Writes u64 one after the other, whatever the guest's rights. */
    void put(long gpa, long... words) {
        for (int i = 0; i < words.length; i++) {
            memory.owned(gpa + 8L * i, 8).putLong(0, words[i]);
        }
    }

    /** Returns a copy of all memory, to be made what is expected. */
    ByteBuffer copy() {
        ByteBuffer copy = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
        return copy.put(memory.readable(0, SIZE)).clear();
    }

    /** Checks every byte of memory. */
    void assertMemory(ByteBuffer expected) {
        for (int i = 0; i < SIZE; i++) {
            if (expected.get(i) != (byte) memory.u8(i)) {
                assertEquals(
                        expected.get(i) & 0xff, memory.u8(i), "at 0x" + Integer.toHexString(i));
            }
        }
    }

    /** Checks that a call ends the guest for an access, and does nothing else. */
    void assertRefused(HypercallHandler handler, long gpa, String access) {
        ByteBuffer before = copy();
        int requests = disk.requests() + loop.requests();
        GuestException e = assertThrows(GuestException.class, () -> handler.handle(memory, gpa));
        assertEquals("Invalid guest access: " + access, e.getMessage());
        assertMemory(before);
        assertEquals(requests, disk.requests() + loop.requests());
        assertEquals(List.of(), lines);
    }

    @Override
    public void close() {
        loop.close();
        poller.close();
        memory.close();
    }
}
