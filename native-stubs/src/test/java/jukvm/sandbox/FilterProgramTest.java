package jukvm.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.Set;
import jukvm.libc.Errno;
import jukvm.libc.Libc;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The filter, run here as the kernel runs it. */
class FilterProgramTest {
    private static final int PROCESS = 4242;
    private static final int ALLOW = FilterProgram.RET_ALLOW;
    private static final int REFUSED = FilterProgram.REFUSED;
    private static final int X86_64 = 0xc000003e;
    private static final Set<Use> NONE = EnumSet.noneOf(Use.class);
    private static final long PAGE = 0x7f12_3456_7000L;

    private static int ask(Set<Use> uses, int number, long... arguments) {
        return ask(uses, RefusalLog.NONE, call(X86_64, number, 0, arguments));
    }

    private static int ask(Set<Use> uses, long page, ByteBuffer call) {
        try (FilterProgram program = new FilterProgram(uses, PROCESS, REFUSED, page)) {
            return run(program.address(), call);
        }
    }

    private static ByteBuffer call(int arch, int number, long from, long... arguments) {
        ByteBuffer call =
                ByteBuffer.allocate(64).order(java.nio.ByteOrder.LITTLE_ENDIAN).putInt(number);
        call.putInt(arch).putLong(from);
        for (long argument : arguments) {
            call.putLong(argument);
        }
        return call;
    }

    // Source: linux/filter.h, as far as a filter of system calls may use it.
    private static int run(long address, ByteBuffer call) {
        ByteBuffer head = Libc.get().buffer(address, 16);
        int count = head.getShort(0);
        ByteBuffer code = Libc.get().buffer(head.getLong(8), count * 8);
        int value = 0;
        for (int at = 0; ; at++) {
            assertTrue(at < count, "ends without an answer");
            int k = code.getInt(8 * at + 4);
            int yes = code.get(8 * at + 2) & 0xff;
            int no = code.get(8 * at + 3) & 0xff;
            switch (code.getShort(8 * at)) {
                case 0x20 -> value = call.getInt(k);
                case 0x54 -> value &= k;
                case 0x15 -> at += value == k ? yes : no;
                case 0x35 -> at += Integer.compareUnsigned(value, k) >= 0 ? yes : no;
                case 0x06 -> {
                    return k;
                }
                default -> throw new AssertionError("code " + code.getShort(8 * at));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(SystemCall.class)
    void shouldLetPassWhatIsNeeded(SystemCall call) {
        Set<Use> uses = call.use == null ? NONE : EnumSet.of(call.use);
        long[] arguments = new long[6];
        for (Condition condition : call.conditions) {
            int value = condition.value(0, PROCESS);
            arguments[condition.half / 2] |=
                    Integer.toUnsignedLong(value) << 32 * (condition.half % 2);
        }
        assertEquals(ALLOW, ask(uses, call.number, arguments));
    }

    @Test
    void shouldRefuseEverythingElse() {
        for (int number = 0; number < 600; number++) {
            int asked = number;
            boolean isKnown =
                    EnumSet.allOf(SystemCall.class).stream()
                            .anyMatch(call -> call.use == null && call.number == asked);
            if (!isKnown && number != 435) {
                assertEquals(REFUSED, ask(NONE, number, 0, 0, 0, 0, 0, 0));
            }
        }
        assertEquals(REFUSED, ask(NONE, -1, 0, 0, 0, 0, 0, 0));
    }

    @Test
    void shouldNotKnowClone3() {
        assertEquals(0x50000 | Errno.ENOSYS, ask(NONE, 435, 0, 0, 0, 0, 0, 0));
    }

    @Test
    void shouldRefuseCallsOfOtherAbis() {
        assertEquals(REFUSED, ask(NONE, RefusalLog.NONE, call(0x40000003, 4, 0, 1, 2, 3, 4, 5, 6)));
        assertEquals(REFUSED, ask(NONE, 0x40000000 | 1, 1, 2, 3, 4, 5, 6));
    }

    @ParameterizedTest
    @CsvSource({"0", "0x80000", "0x200000", "0x10000", "0x800"})
    void shouldOpenForReading(String flags) {
        assertEquals(ALLOW, ask(NONE, 257, -100, 1, Long.decode(flags), 0, 0, 0));
        assertEquals(ALLOW, ask(NONE, 2, 1, Long.decode(flags), 0, 0, 0, 0));
    }

    @ParameterizedTest
    @CsvSource({"1", "2", "3", "0x40", "0x200", "0x80001", "0x410002", "0xffffffff00000001"})
    void shouldNotOpenForWriting(String flags) {
        long given = Long.parseUnsignedLong(flags.replace("0x", ""), 16);
        assertEquals(REFUSED, ask(NONE, 257, -100, 1, given, 0, 0, 0));
        assertEquals(REFUSED, ask(NONE, 2, 1, given, 0, 0, 0, 0));
        assertEquals(REFUSED, ask(EnumSet.of(Use.LISTENING), 2, 1, given, 0, 0, 0, 0));
        assertEquals(ALLOW, ask(EnumSet.of(Use.WRITING), 2, 1, given, 0, 0, 0, 0));
    }

    @ParameterizedTest
    @CsvSource({
        // A thread of glibc and of musl; a process; a process that shares memory; namespaces.
        "0x3d0f00, true",
        "0x7d0f00, true",
        "0x1200011, false",
        "0x4111, false",
        "0x403d0f00, false",
        "0x103d0f00, false",
        "0, false"
    })
    void shouldMakeThreadsAlone(String flags, boolean isAllowed) {
        int answer = ask(NONE, 56, Long.decode(flags), 0, 0, 0, 0, 0);
        assertEquals(isAllowed ? ALLOW : REFUSED, answer);
    }

    @ParameterizedTest
    @CsvSource({
        // Its own threads; another process; kill(2) of any.
        "234, 4242, 5000, 23, true",
        "234, 4243, 4243, 9, false",
        "234, -1, 5000, 9, false",
        "62, 4242, 9, 0, false",
        // Reading limits, and lowering those of another process.
        "302, 0, 7, 0, true",
        "302, 0, 7, 4096, false",
        "302, 0, 7, 0x100000000, false",
        // TIOCSTI types into a terminal.
        "16, 0, 0x5412, 0, false",
        "16, 0, 0x5413, 0, true",
        "16, 4, 0xae80, 0, true",
        // Names of threads; whether others may trace it; who gets the signal of a descriptor.
        "157, 15, 1, 0, true",
        "157, 4, 1, 0, false",
        "72, 1, 8, 1, false",
        "72, 1, 4, 2048, true",
        // A socket without a name, but not of a kind that sends to any address.
        "53, 1, 1, 0, true",
        "53, 1, 0x80801, 0, true",
        "53, 1, 2, 0, false",
        "53, 2, 1, 0, false",
        "41, 1, 1, 0, false"
    })
    void shouldLookAtArguments(
            int number, String first, String second, String third, boolean isAllowed) {
        int answer =
                ask(
                        NONE,
                        number,
                        Long.decode(first),
                        Long.decode(second),
                        Long.decode(third),
                        0,
                        0,
                        0);
        assertEquals(isAllowed ? ALLOW : REFUSED, answer);
    }

    @Test
    void shouldSendToNoAddress() {
        assertEquals(ALLOW, ask(NONE, 44, 1, 2, 3, 0, 0, 0));
        assertEquals(REFUSED, ask(NONE, 44, 1, 2, 3, 0, 4096, 16));
        assertEquals(REFUSED, ask(NONE, 44, 1, 2, 3, 0, 1L << 40, 16));
    }

    @Test
    void shouldLetPassWhatTheLogMakes() {
        assertEquals(ALLOW, ask(NONE, PAGE, call(X86_64, 41, PAGE + 50, 0, 0, 0, 0, 0, 0)));
        assertEquals(ALLOW, ask(NONE, PAGE, call(X86_64, 41, PAGE, 0, 0, 0, 0, 0, 0)));
        long beyond = PAGE + 4096;
        assertEquals(REFUSED, ask(NONE, PAGE, call(X86_64, 41, beyond, 0, 0, 0, 0, 0, 0)));
        long far = PAGE + (1L << 32);
        assertEquals(REFUSED, ask(NONE, PAGE, call(X86_64, 41, far, 0, 0, 0, 0, 0, 0)));
        assertEquals(REFUSED, ask(NONE, call(X86_64, 41, 50, 0, 0, 0, 0, 0, 0)));
        assertEquals(ALLOW, ask(NONE, PAGE, call(X86_64, 0, 50, 0, 0, 0, 0, 0, 0)));
    }

    private static int ask(Set<Use> uses, ByteBuffer call) {
        return ask(uses, RefusalLog.NONE, call);
    }
}
