package jukvm.isolation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import jukvm.abi.DeviceType;
import jukvm.abi.Dialect;
import jukvm.abi.PrivilegeLevel;
import jukvm.call.Hypercall;
import jukvm.call.TrapFrame;
import jukvm.device.AttachedBlock;
import jukvm.device.AttachedNet;
import jukvm.device.DeviceCounters;
import jukvm.guest.Counters;
import jukvm.guest.Limit;
import jukvm.guest.Outcome;
import jukvm.guest.Registers;
import jukvm.guest.RunResult;
import jukvm.guest.Timeline;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a worker tells of its guest's end, honest and hostile. */
final class ResultMessageTest {
    private static final long REQUESTED = System.nanoTime();
    private static final int ROUNDS = 20_000;

    static List<Outcome> outcomes() {
        return List.of(
                new Outcome.Exited(-7),
                new Outcome.Aborted(Optional.empty()),
                new Outcome.Aborted(Optional.of(new TrapFrame(1, 2, 3, 4, 5, 6, 7))),
                new Outcome.Faulted(
                        "TRAP",
                        "it did",
                        new Registers(Map.of("rip", 0x100000L)),
                        "0f0b",
                        List.of("0x100000 main+0x1", "0x100001")),
                new Outcome.LimitExceeded(Limit.CPU_TIME, 5),
                new Outcome.Cancelled(),
                new Outcome.HostError("no memory", 12));
    }

    private static RunResult result(Outcome outcome) {
        Map<DeviceType, Map<String, DeviceCounters>> devices = new EnumMap<>(DeviceType.class);
        devices.put(
                DeviceType.BLOCK_BASIC,
                Map.of("disk", new AttachedBlock.Counters(1, 2, 3, 4, 5, false)));
        devices.put(
                DeviceType.NET_BASIC, Map.of("net", new AttachedNet.Counters(1, 2, 3, 4, 5, 6, 7)));
        Counters counters = new Counters(9, 8, Map.of(Hypercall.PUTS, 4L), 70, 600, 50, devices);
        long now = System.nanoTime();
        Timeline timeline = new Timeline(REQUESTED, REQUESTED, now, now, now, now, 0, now, now);
        return new RunResult(
                outcome,
                timeline,
                counters,
                PrivilegeLevel.RING_3,
                Dialect.HVT_2,
                RunResult.Start.POOLED);
    }

    private static ByteBuffer written(Outcome outcome) {
        ByteBuffer message = ByteBuffer.allocate(64 << 10);
        ResultMessage.write(message, result(outcome));
        return message.flip();
    }

    @ParameterizedTest
    @MethodSource("outcomes")
    void shouldBeReadAsItWasWritten(Outcome outcome) {
        RunResult read = ResultMessage.read(written(outcome), REQUESTED, REQUESTED);
        RunResult was = result(outcome);
        assertEquals(outcome, read.outcome());
        assertEquals(was.counters(), read.counters());
        assertEquals(was.dialect(), read.dialect());
        assertEquals(was.start(), read.start());
        assertEquals(was.timeline().phases().size(), read.timeline().phases().size());
    }

    @Test
    void shouldNotBeObeyedByTerminals() {
        ByteBuffer message = written(new Outcome.HostError("\u001b[2J\n", 1));
        Outcome read = ResultMessage.read(message, REQUESTED, REQUESTED).outcome();
        assertEquals("\\x1b[2J\\x0a", read.message());
    }

    @Test
    void shouldRefuseTimesToCome() {
        ByteBuffer message = written(new Outcome.Cancelled());
        int at = 4 + "CANCELLED".length();
        message.putLong(at, System.nanoTime() + 1_000_000_000_000L);
        assertThrows(
                IllegalArgumentException.class,
                () -> ResultMessage.read(message, REQUESTED, REQUESTED));
    }

    @Test
    void shouldRefuseWhatFollows() {
        ByteBuffer message = ByteBuffer.allocate(64 << 10);
        ResultMessage.write(message, result(new Outcome.Cancelled()));
        message.put((byte) 0).flip();
        assertThrows(
                IllegalArgumentException.class,
                () -> ResultMessage.read(message, REQUESTED, REQUESTED));
    }

    // It is read, or refused by one of two exceptions.
    @Test
    void shouldSurviveAnyBytes() {
        Random random = new Random(42);
        int read = 0;
        int refused = 0;
        for (int i = 0; i < ROUNDS; i++) {
            List<Outcome> all = outcomes();
            ByteBuffer message = written(all.get(random.nextInt(all.size())));
            for (int j = random.nextInt(4); j >= 0; j--) {
                message.put(random.nextInt(message.limit()), (byte) random.nextInt());
            }
            message.limit(message.limit() - random.nextInt(2) * random.nextInt(message.limit()));
            try {
                ResultMessage.read(message, REQUESTED, REQUESTED);
                read++;
            } catch (IllegalArgumentException | BufferUnderflowException e) {
                refused++;
            }
        }
        assertTrue(read > 0 && refused > 0);
    }
}
