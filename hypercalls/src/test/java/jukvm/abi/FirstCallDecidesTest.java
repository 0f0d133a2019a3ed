package jukvm.abi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import jukvm.call.Hypercall;
import jukvm.error.GuestException;
import jukvm.hypercall.GuestHypercalls;
import jukvm.memory.GuestMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FirstCallDecidesTest {
    private static final long STRUCT = 0x100;

    private final AttachedDevices attached = new AttachedDevices();
    private final GuestMemory memory = GuestMemory.allocate(4096);
    private final GuestHypercalls calls = Dialect.UKVM.hypercalls(attached.devices);

    private Dialect spoken() {
        return Dialect.UKVM.spokenBy(calls.facts().firstPort());
    }

    @AfterEach
    void close() {
        attached.close();
        memory.close();
    }

    @ParameterizedTest
    @CsvSource({
        "0x499, ukvm 0.2, PUTS",
        "0x501, ukvm 0.3, WALLTIME",
        "0x502, ukvm 0.3, PUTS",
        "0x503, ukvm 0.3, POLL",
        "0x504, ukvm 0.3, BLOCK_INFO",
        "0x505, ukvm 0.3, BLOCK_WRITE",
        "0x506, ukvm 0.3, BLOCK_READ",
        "0x507, ukvm 0.3, NET_INFO",
        "0x508, ukvm 0.3, NET_WRITE",
        "0x509, ukvm 0.3, NET_READ",
        "0x50a, ukvm 0.3, HALT"
    })
    void shouldSpeakAsTheFirstCallDoes(int port, String dialect, Hypercall hypercall) {
        assertEquals("ukvm 0.2 or 0.3", spoken().toString());
        assertEquals(0, calls.facts().firstCallAt());
        assertEquals(hypercall != Hypercall.HALT, calls.call(port, memory, STRUCT));
        assertEquals(dialect, spoken().toString());
        assertEquals(dialect.equals("ukvm 0.2"), spoken().endsByHlt());
        assertEquals(Map.of(hypercall, 1L), calls.facts().calls());
        assertTrue(calls.facts().firstCallAt() != 0);
    }

    // What a snapshot at the first poll goes by, which may be the first call.
    @ParameterizedTest
    @CsvSource({"0x499, PUTS", "0x502, PUTS", "0x503, POLL", "0x504, BLOCK_INFO", "0x50a, HALT"})
    void shouldTellWhatAFirstCallWouldBe(int port, Hypercall hypercall) {
        assertEquals(hypercall, calls.kind(port));
        assertEquals(Dialect.UKVM, spoken());
    }

    // As when a run is replayed: what was recorded answers, and the table only counts.
    @ParameterizedTest
    @CsvSource({"0x499, PUTS, BLOCK_WRITE", "0x502, PUTS, POLL", "0x50a, HALT, POLL"})
    void shouldBeDecidedByACallThatAnotherAnswers(int port, Hypercall first, Hypercall later) {
        calls.answered(port);
        assertEquals(port == 0x499 ? Dialect.UKVM_0_2 : Dialect.UKVM_0_3, spoken());
        assertEquals(later, calls.kind(0x503), "0x503 is of both");
        calls.answered(0x503);
        assertEquals(Map.of(first, 1L, later, 1L), calls.facts().calls());
        assertEquals(0, calls.facts().puts().bytes());
    }

    @Test
    void shouldTakeAGuestThatExecutesHltWithoutACallFor02() {
        assertTrue(spoken().endsByHlt());
        assertEquals("ukvm 0.2 or 0.3", spoken().toString());
        assertEquals(Map.of(), calls.facts().calls());
        assertEquals(0, calls.facts().puts().bytes());
        assertEquals(0, calls.facts().halt().status());
    }

    @ParameterizedTest
    @CsvSource({
        "0x499, 0x501, Invalid guest hypercall: num=1",
        "0x499, 0x508, Invalid guest hypercall: num=8",
        "0x499, 0x50a, Invalid guest hypercall: num=10",
        "0x502, 0x499, Invalid guest port access: port=0x499",
        "0x501, 0x499, Invalid guest port access: port=0x499",
        "0x502, 0x50b, Invalid guest port access: port=0x50b"
    })
    void shouldRefuseThePortsOfTheOtherFromThenOn(int first, int other, String message) {
        calls.call(first, memory, STRUCT);
        assertTrue(other == 0x50b || calls.knows(other));
        GuestException e =
                assertThrows(GuestException.class, () -> calls.call(other, memory, STRUCT));
        assertEquals(message, e.getMessage());
    }

    // 0x503 is POLL in 0.3, which would write at 8, and BLKWRITE in 0.2, which writes at 24.
    @ParameterizedTest
    @CsvSource({"0x499, 0x503, BLOCK_WRITE, 24", "0x502, 0x503, POLL, 8"})
    void shouldAnswerAPortOfBothAsTheOneItIs(int first, int port, Hypercall hypercall, int ret) {
        calls.call(first, memory, STRUCT + 0x100);
        memory.putU64(STRUCT + 8, 0x5a);
        memory.putU32(STRUCT + 24, 0x5a);
        memory.putU64(STRUCT + 16, 0);
        assertTrue(calls.call(port, memory, STRUCT));
        assertEquals(0, memory.u32(STRUCT + ret), "ret");
        assertEquals(0x5a, memory.u32(STRUCT + 32 - ret), "the other's");
        assertEquals(1, calls.facts().calls().get(hypercall));
    }

    @ParameterizedTest
    @ValueSource(ints = {0x500, 0x50b, 0x80, 0})
    void shouldDecideByACallThatNeitherHas(int port) {
        assertFalse(calls.knows(port));
        assertThrows(GuestException.class, () -> calls.call(port, memory, STRUCT));
        assertEquals("ukvm 0.3", spoken().toString());
        assertEquals(Map.of(), calls.facts().calls());
    }

    @Test
    void shouldDecideByACallThatEndsTheGuest() {
        GuestException e =
                assertThrows(GuestException.class, () -> calls.call(0x499, memory, 0xffffffffL));
        assertTrue(e.getMessage().startsWith("PUTS: "));
        assertEquals("ukvm 0.2", spoken().toString());
    }

    @ParameterizedTest
    @ValueSource(ints = {0x499, 0x502})
    void shouldKnowWhatTheDecidedOnePrinted(int port) {
        memory.putU64(STRUCT, 0x200);
        memory.putU64(STRUCT + 8, 5);
        calls.call(port, memory, STRUCT);
        assertEquals(5, calls.facts().puts().bytes());
    }

    @Test
    void shouldKnowTheStatusOfTheDecidedOne() {
        memory.putU32(STRUCT + 8, 7);
        assertFalse(calls.call(0x50a, memory, STRUCT));
        assertEquals(7, calls.facts().halt().status());
    }
}
