package jukvm.x86;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import jukvm.abi.Dialect;
import jukvm.abi.PrivilegeLevel;
import jukvm.call.Hypercall;
import jukvm.device.Console;
import jukvm.error.GuestException;
import jukvm.hypercall.GuestHypercalls;
import jukvm.image.ElfBuilder;
import jukvm.image.GuestImage;
import jukvm.image.Segment;
import jukvm.io.Poller;
import jukvm.memory.GuestMemory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Hostile hypercalls of a guest laid out as for ring 3. An input is a series of records: a byte,
 * even for POKE (u32 address, u8 length, bytes) and odd for CALL (u16 port, u32 address), that the
 * guest could do.
 */
class HypercallFuzzTest {
    private static final int SIZE = 4 << 20;
    private static final int DATA_PAGE = (int) ElfBuilder.DATA_GPA;
    private static final int ZEROES = DATA_PAGE + 0x800;
    private static final String CALLS =
            Arrays.stream(Hypercall.values())
                    .map(Hypercall::name)
                    .collect(Collectors.joining("|", "(", ")"));

    @FuzzTest(maxDuration = "2m")
    void shouldAnswerHvtOrEndTheGuest(byte @Nullable [] bytes) {
        run(hvt(), bytes);
    }

    @FuzzTest(maxDuration = "2m")
    void shouldAnswerUkvmOrEndTheGuest(byte @Nullable [] bytes) {
        run(ukvm(), bytes);
    }

    /** Memory changes while calls read it, as a guest of several processors could have it. */
    @FuzzTest(maxDuration = "2m")
    void shouldAnswerWhileMemoryChanges(byte @Nullable [] bytes) {
        if (bytes != null) {
            play(hvt().dialect(), hvt(), bytes, true);
        }
    }

    /** The same inputs in every dialect, one after the other. */
    @FuzzTest(maxDuration = "2m")
    void shouldAnswerEveryDialectOrEndTheGuest(byte @Nullable [] bytes) {
        for (Dialect dialect : Dialect.values()) {
            play(dialect, dialect.isMarked() ? hvt() : ukvm(), bytes);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldReachTheDevicesAndNoMore(Dialect dialect) {
        long seed = Long.getLong("jukvm.seed", System.nanoTime());
        System.out.println("HypercallFuzzTest seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        int[] ports = ports(dialect);
        int requests = 0;
        for (int i = 0; i < 300; i++) {
            GuestImage image = dialect.isMarked() ? hvt() : ukvm();
            requests += play(dialect, image, requests(dialect, ports, random));
        }
        assertTrue(requests > 50, requests + " requests, seed " + seed);
    }

    /** Returns the ports of a guest with devices, all that there are. */
    private static int[] ports(Dialect dialect) {
        try (GuestMemory memory = GuestMemory.allocate(SIZE);
                FuzzedDevices attached = new FuzzedDevices(memory);
                Poller poller = new Poller()) {
            GuestHypercalls table = dialect.hypercalls(attached.attach(b -> {}, poller));
            return IntStream.range(0, 0x10000).filter(table::knows).toArray();
        }
    }

    /** Returns records of requests, most of which some device would take. */
    private static byte[] requests(Dialect dialect, int[] ports, SplittableRandom random) {
        ByteBuffer records = ByteBuffer.allocate(20 * 64).order(ByteOrder.LITTLE_ENDIAN);
        if (dialect == Dialect.UKVM) {
            // The first call decides.
            records.put((byte) 1).putShort((short) (random.nextBoolean() ? 0x499 : 0x502));
            records.putInt(ZEROES);
        }
        for (int i = 0; i < 16; i++) {
            int gpa = DATA_PAGE + 8 * random.nextInt(64);
            boolean isBlock = random.nextBoolean();
            records.put((byte) 0).putInt(gpa).put((byte) (isBlock ? 32 : 24));
            long offset = random.nextInt(130);
            if (dialect.isMarked()) {
                records.putLong(isBlock ? FuzzedDevices.BLOCK : FuzzedDevices.NET);
                offset *= 512;
            }
            if (isBlock) {
                records.putLong(offset);
            }
            int room = random.nextInt(8) == 0 ? SIZE : 0x800;
            records.putLong(random.nextInt(8) == 0 ? random.nextInt(SIZE) : DATA_PAGE + 0x400);
            records.putLong(isBlock ? 512L * random.nextInt(room / 512) : random.nextInt(room));
            if (!dialect.isMarked()) {
                records.putLong(0);
            }
            int port = ports[random.nextInt(ports.length)];
            records.put((byte) 1).putShort((short) port).putInt(gpa);
        }
        return Arrays.copyOf(records.array(), records.position());
    }

    private static GuestImage hvt() {
        return ElfBuilder.hvt(
                        ElfBuilder.abi(1, 2),
                        ElfBuilder.manifest(
                                ElfBuilder.reserved(),
                                ElfBuilder.entry("storage", 1, 0),
                                ElfBuilder.entry("service", 2, 0)))
                .load(ElfBuilder.R, 0x200000, ElfBuilder.data(64), 4096)
                .parse();
    }

    private static GuestImage ukvm() {
        return ElfBuilder.ukvm().load(ElfBuilder.R, 0x200000, ElfBuilder.data(64), 4096).parse();
    }

    private static void run(GuestImage image, byte @Nullable [] bytes) {
        play(image.dialect(), image, bytes);
    }

    private static int play(Dialect dialect, GuestImage image, byte @Nullable [] bytes) {
        return bytes == null ? 0 : play(dialect, image, bytes, false);
    }

    private static int play(Dialect dialect, GuestImage image, byte[] bytes, boolean changes) {
        try (GuestMemory memory = GuestMemory.allocate(SIZE);
                FuzzedDevices attached = new FuzzedDevices(memory);
                Poller poller = new Poller()) {
            // A guest that waits for long is right, and no finding.
            poller.wake();
            long[] printed = new long[1];
            Console console = b -> printed[0] += b.remaining();
            GuestHypercalls table = dialect.hypercalls(attached.attach(console, poller));
            image.load(memory);
            BootState.layOut(memory, image, PrivilegeLevel.RING_3, table::knows);
            byte[][] before = readOnly(memory, image);
            try (ChangingMemory changing = changes ? ChangingMemory.of(memory) : null) {
                play(
                        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN),
                        memory,
                        table,
                        changing);
            } catch (GuestException e) {
                assertTrue(
                        e.getMessage().startsWith("Invalid guest ") || hasCall(e), e::getMessage);
            }
            byte[][] after = readOnly(memory, image);
            for (int i = 0; i < before.length; i++) {
                assertArrayEquals(before[i], after[i]);
            }
            assertTrue(printed[0] == table.facts().puts().bytes(), "printed " + printed[0]);
            return attached.requests();
        }
    }

    private static boolean hasCall(GuestException e) {
        return e.getMessage().matches(CALLS + ": Invalid guest access: .*");
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
        memory.owned(0x1000, tables.length).get(tables);
        contents[contents.length - 1] = tables;
        return contents;
    }

    private static void play(
            ByteBuffer records,
            GuestMemory memory,
            GuestHypercalls table,
            @Nullable ChangingMemory changing) {
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
                if (changing != null) {
                    changing.at(gpa);
                }
                if (!table.call(port, memory, gpa)) {
                    return;
                }
            }
        }
    }
}
