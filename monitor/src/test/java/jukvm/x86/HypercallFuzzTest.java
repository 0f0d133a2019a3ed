package jukvm.x86;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jukvm.abi.Dialect;
import jukvm.device.Console;
import jukvm.device.Devices;
import jukvm.error.GuestException;
import jukvm.hypercall.Hypercalls;
import jukvm.image.ElfBuilder;
import jukvm.image.GuestImage;
import jukvm.image.Segment;
import jukvm.io.Poller;
import jukvm.memory.GuestMemory;
import org.jspecify.annotations.Nullable;

/**
 * Hostile hypercalls of a guest laid out as for ring 3. An input is a series of records: a byte,
 * even for POKE (u32 address, u8 length, bytes) and odd for CALL (u16 port, u32 address), that the
 * guest could do.
 */
class HypercallFuzzTest {
    private static final int SIZE = 4 << 20;

    @FuzzTest(maxDuration = "2m")
    void shouldAnswerHvtOrEndTheGuest(byte @Nullable [] bytes) {
        run(ElfBuilder.hvt().load(ElfBuilder.R, 0x200000, ElfBuilder.data(64), 4096), bytes);
    }

    @FuzzTest(maxDuration = "2m")
    void shouldAnswerUkvmOrEndTheGuest(byte @Nullable [] bytes) {
        run(ElfBuilder.ukvm().load(ElfBuilder.R, 0x200000, ElfBuilder.data(64), 4096), bytes);
    }

    private static void run(ElfBuilder builder, byte @Nullable [] bytes) {
        if (bytes == null) {
            return;
        }
        GuestImage image = builder.parse();
        Dialect dialect = image.dialect();
        try (GuestMemory memory = GuestMemory.allocate(SIZE);
                Poller poller = new Poller()) {
            // A guest that waits for long is right, and no finding.
            poller.wake();
            long[] printed = new long[1];
            Console console = b -> printed[0] += b.remaining();
            Hypercalls table = dialect.hypercalls(Devices.basic(console, () -> 1L << 60, poller));
            image.load(memory);
            BootState.layOut(memory, image, 3, table);
            byte[][] before = readOnly(memory, image);
            try {
                play(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN), memory, table);
            } catch (GuestException e) {
                assertTrue(
                        e.getMessage().startsWith("Invalid guest ") || hasCall(e), e::getMessage);
            }
            byte[][] after = readOnly(memory, image);
            for (int i = 0; i < before.length; i++) {
                assertArrayEquals(before[i], after[i]);
            }
            assertTrue(printed[0] == table.puts().bytes(), "printed " + printed[0]);
        }
    }

    private static boolean hasCall(GuestException e) {
        return e.getMessage().matches("(WALLTIME|PUTS|POLL|HALT): Invalid guest access: .*");
    }

    // Segments the guest may not write, then its tables: all that a hypercall must leave alone.
    private static byte[][] readOnly(GuestMemory memory, GuestImage image) {
        byte[][] contents = new byte[image.segments().size() + 1][];
        for (int i = 0; i < contents.length - 1; i++) {
            Segment segment = image.segments().get(i);
            contents[i] = new byte[segment.writable() ? 0 : (int) segment.memorySize()];
            memory.readable(segment.gpa(), contents[i].length).get(contents[i]);
        }
        byte[] tables = new byte[0x8000];
        memory.readable(0x1000, tables.length).get(tables);
        contents[contents.length - 1] = tables;
        return contents;
    }

    private static void play(ByteBuffer records, GuestMemory memory, Hypercalls table) {
        while (records.remaining() >= 7) {
            if ((records.get() & 1) == 0) {
                long gpa = records.getInt() & 0xffffffffL;
                byte[] poke = new byte[Math.min(records.get() & 0xff, records.remaining())];
                records.get(poke);
                if (memory.isWritable(gpa, poke.length)) {
                    memory.writable(gpa, poke.length).put(poke);
                }
            } else {
                int port = records.getShort() & 0xffff;
                long gpa = records.getInt() & 0xffffffffL;
                if (!table.call(port, memory, gpa)) {
                    return;
                }
            }
        }
    }
}
