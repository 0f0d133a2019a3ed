package jukvm.debug;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import jukvm.guest.Outcome;
import jukvm.guest.Registers;
import jukvm.image.CallFramesTest;
import jukvm.image.GuestImage;
import jukvm.image.SymbolsTest;
import jukvm.memory.GuestMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class BacktraceTest {
    private static final long CODE = 0x100000;
    private static final long STACK = 0x1ff000;

    private final GuestMemory memory = GuestMemory.allocate(2 << 20);
    private final GuestImage image = GuestImage.of("guest", SymbolsTest.guestWithSymbols());

    @AfterEach
    void close() {
        memory.close();
    }

    private void frame(long at, long next, long caller) {
        memory.putU64(at, next);
        memory.putU64(at + 8, caller);
    }

    private long[] walk(long frame) {
        return Backtrace.walk(image, memory, CODE, STACK, frame);
    }

    @Test
    void shouldTellWhoCalledWhomByName() {
        frame(STACK, STACK + 32, CODE + 12); // The call is the last of main.
        frame(STACK + 32, 0, CODE + 3);
        Map<String, Long> registers = Map.of("rip", CODE + 5, "rsp", STACK, "rbp", STACK);
        Outcome.Faulted fault =
                new Outcome.Faulted("TRAP", "it", new Registers(registers), "", List.of());
        assertEquals(
                fault.withBacktrace(
                        List.of("0x100005 main+0x1", "0x10000c main+0x8", "0x100003 start+0x3")),
                Backtrace.of(fault, image, memory));
    }

    // From the middle of a function to its first instruction, which keeps its frame elsewhere.
    @Test
    void shouldFollowWhatTheImageTellsOfFrames() {
        GuestImage told = GuestImage.of("guest", CallFramesTest.guestWithFrames());
        memory.putU64(STACK, STACK + 256); // The frame pointer that was pushed.
        memory.putU64(STACK + 8, CODE + 1);
        memory.putU64(STACK + 16, CODE + 2);
        memory.putU64(STACK + 24, 5);
        assertArrayEquals(
                new long[] {CODE + 2, CODE + 1, CODE + 2},
                Backtrace.walk(told, memory, CODE + 2, STACK, 3));
    }

    @Test
    void shouldEndAtWhatCannotBeAFrame() {
        assertArrayEquals(new long[] {CODE}, walk(STACK + 4));
        assertArrayEquals(new long[] {CODE}, walk(STACK - 8));
        assertArrayEquals(new long[] {CODE}, walk(-8));
        assertArrayEquals(new long[] {CODE}, walk((2 << 20) - 8));
        frame(STACK, STACK, 5);
        assertArrayEquals(new long[] {CODE}, walk(STACK));
        frame(STACK, STACK, CODE + 1); // A frame that is its own caller's.
        assertArrayEquals(new long[] {CODE, CODE + 1}, walk(STACK));
    }

    @Test
    void shouldBeBounded() {
        for (long at = STACK; at < (2 << 20) - 16; at += 16) {
            frame(at, at + 16, CODE + 1);
        }
        assertEquals(Backtrace.MAX_DEPTH, walk(STACK).length);
    }
}
