package jukvm.hypercall;

import static jukvm.hypercall.AttachedGuest.BLOCK;
import static jukvm.hypercall.AttachedGuest.DATA;
import static jukvm.hypercall.AttachedGuest.DISK;
import static jukvm.hypercall.AttachedGuest.NET;
import static jukvm.hypercall.AttachedGuest.STRUCT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Stream;
import jukvm.abi.Dialect;
import jukvm.device.Allocation;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** No hypercall on the hot path makes an object, so that none is collected while a guest runs. */
class AllocationTest {
    private static final int WARM_UP = 20_000;
    private static final int CALLS = 100_000;
    private static final long NOISE = 4096; // bytes, of the measurement

    static Stream<Arguments> calls() {
        return Stream.of(
                call(Dialect.HVT_2, 0x502, DATA, 60),
                call(Dialect.HVT_2, 0x503, 0),
                call(Dialect.HVT_2, 0x504, DISK, 0, DATA, 2 * BLOCK),
                call(Dialect.HVT_2, 0x505, DISK, 512, DATA, BLOCK),
                // Refused: no such device, no such offset.
                call(Dialect.HVT_2, 0x505, NET, 512, DATA, BLOCK),
                call(Dialect.HVT_2, 0x505, DISK, 1, DATA, BLOCK),
                call(Dialect.HVT_2, 0x506, NET, DATA, 60),
                call(Dialect.HVT_2, 0x506, NET, DATA, 1),
                call(Dialect.HVT_2, 0x507, NET, DATA, 1518),
                call(Dialect.UKVM_0_2, 0x504, 1, DATA, BLOCK),
                call(Dialect.UKVM_0_3, 0x504),
                call(Dialect.UKVM_0_3, 0x505, 1, DATA, BLOCK),
                call(Dialect.UKVM_0_3, 0x507),
                call(Dialect.UKVM_0_3, 0x508, DATA, 60),
                call(Dialect.UKVM_0_3, 0x509, DATA, 1518),
                call(Dialect.UKVM, 0x502, DATA, 60));
    }

    private static Arguments call(Dialect dialect, int port, long... fields) {
        return Arguments.of(dialect, port, fields);
    }

    @ParameterizedTest(name = "{0}, port {1}")
    @MethodSource("calls")
    void shouldMakeNoObject(Dialect dialect, int port, long... fields) throws Exception {
        try (AttachedGuest guest = new AttachedGuest()) {
            GuestHypercalls table = dialect.hypercalls(guest.devices);
            repeat(table, guest, port, fields, WARM_UP);
            // The JVM itself makes some at times, but not each time.
            long least = Long.MAX_VALUE;
            for (int round = 0; round < 3 && least >= NOISE; round++) {
                long before = Allocation.soFar();
                repeat(table, guest, port, fields, CALLS);
                least = Math.min(least, Allocation.soFar() - before);
            }
            assertTrue(least < NOISE, least + " bytes in " + CALLS + " calls");
            assertEquals(1, table.facts().calls().size());
        }
    }

    private static void repeat(
            Hypercalls table, AttachedGuest guest, int port, long[] fields, int times) {
        for (int i = 0; i < times; i++) {
            guest.loop.keep(2);
            for (int field = 0; field < fields.length; field++) {
                guest.memory.putU64(STRUCT + 8L * field, fields[field]);
            }
            table.call(port, guest.memory, STRUCT);
        }
    }
}
