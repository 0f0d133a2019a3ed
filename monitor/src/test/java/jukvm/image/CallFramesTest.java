package jukvm.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import jukvm.memory.GuestMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

public final class CallFramesTest {
    private static final byte[] GUEST = ElfBuilder.hvt().build();
    private static final String NAMES = "\0.text\0.eh_frame\0";
    private static final long SECTION = 0x180000;
    private static final long CODE = ElfBuilder.TEXT_GPA;
    private static final int LENGTH = 32;
    private static final long STACK = 0x1ff000;

    // The frame is 8 above rsp and has the return address; as compilers begin.
    private static final String COMMON =
            "14000000 00000000 01 7a5200 01 78 10 01 1b 0c0708 9001 0000";

    // push %rbp at 0, mov %rsp, %rbp at 1, pop %rbp before 20, then ret.
    private static final String PROGRAM = "41 0e10 8602 43 0d06 50 c6 0c0708 0000";

    private final GuestMemory memory = GuestMemory.allocate(2 << 20);

    @AfterEach
    void close() {
        memory.close();
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    /** Returns a section with one common entry and one of the code. */
    private static byte[] section(String common, String program) {
        byte[] first = bytes(common);
        byte[] rest = bytes(program);
        ByteBuffer at =
                ByteBuffer.allocate(first.length + 17 + rest.length + 4)
                        .order(ByteOrder.LITTLE_ENDIAN);
        at.put(first).putInt(13 + rest.length).putInt(first.length + 4);
        at.putInt((int) (CODE - SECTION - at.position())).putInt(LENGTH).put((byte) 0).put(rest);
        return at.array(); // Its end is a zero.
    }

    /** Returns a guest that tells of the frames of its first 32 bytes of code. */
    public static byte[] guestWithFrames() {
        return guest(section(COMMON, PROGRAM));
    }

    private static byte[] guest(byte[] section) {
        int from = (GUEST.length + 7) & -8;
        int names = from + section.length;
        int headers = (names + NAMES.length() + 7) & -8;
        ByteBuffer at = ByteBuffer.allocate(headers + 3 * 64).order(ByteOrder.LITTLE_ENDIAN);
        at.put(0, GUEST).put(from, section);
        at.put(names, NAMES.getBytes(StandardCharsets.US_ASCII));
        at.putLong(40, headers).putShort(58, (short) 64).putShort(60, (short) 3);
        at.putShort(62, (short) 2);
        at.putInt(headers + 64, 7).putInt(headers + 68, 1).putLong(headers + 80, SECTION);
        at.putLong(headers + 88, from).putLong(headers + 96, section.length);
        at.putInt(headers + 132, 3).putLong(headers + 152, names);
        at.putLong(headers + 160, NAMES.length());
        return at.array();
    }

    private static CallFrames frames(byte[] section) {
        return GuestImage.of("guest", guest(section)).symbols().frames();
    }

    private static long[] registers(long rbp) {
        long[] registers = new long[CallFrames.COUNT];
        registers[CallFrames.RIP] = CODE;
        registers[CallFrames.RSP] = STACK;
        registers[CallFrames.RBP] = rbp;
        return registers;
    }

    // Where it is; frame pointer; where the return address is above rsp; whose frame pointer it is.
    @ParameterizedTest
    @CsvSource({"0, 5, 0, 5", "1, 5, 8, 0x77", "4, 0x1ff010, 24, 0x77", "20, 5, 0, 5"})
    void shouldFindTheCallerFromEachInstruction(int at, String rbp, int above, String callers) {
        CallFrames frames = frames(section(COMMON, PROGRAM));
        memory.putU64(STACK + above, CODE + 9);
        memory.putU64(STACK + above - 8, 0x77);
        long[] registers = registers(Long.decode(rbp));
        assertTrue(frames.unwind(CODE + at, registers, memory));
        assertEquals(CODE + 9, registers[CallFrames.RIP]);
        assertEquals(STACK + above + 8, registers[CallFrames.RSP]);
        assertEquals(Long.decode(callers), registers[CallFrames.RBP]);
    }

    @Test
    void shouldKnowNothingOfOtherCode() {
        CallFrames frames = frames(section(COMMON, PROGRAM));
        assertTrue(frames.know(CODE) && frames.know(CODE + LENGTH - 1));
        assertFalse(frames.know(CODE - 1) || frames.know(CODE + LENGTH) || frames.know(0));
        assertFalse(ElfBuilder.hvt().parse().symbols().frames().know(CODE));
        assertFalse(frames.unwind(CODE + LENGTH, registers(0), memory));
    }

    // No return address; a frame by an expression; state that was not remembered; what is not
    // known;
    // a frame below the stack; cut in a number; a place outside memory.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0710",
                "0f020000",
                "0b",
                "3f",
                "0e00",
                "0eff",
                "11108080808080807f",
                "0c2008"
            })
    void shouldEndAtWhatItDoesNotKnow(String program) {
        long[] registers = registers(5);
        CallFrames frames = frames(section(COMMON, program));
        assertTrue(frames.know(CODE));
        assertFalse(frames.unwind(CODE, registers, memory));
        assertArrayEquals(registers(5), registers);
    }

    @Test
    void shouldGoBackToWhatWasRemembered() {
        memory.putU64(STACK, CODE + 1);
        long[] registers = registers(5);
        CallFrames frames = frames(section(COMMON, "0a 0e40 c6 0b 41 0e80 01"));
        assertTrue(frames.unwind(CODE, registers, memory));
        assertEquals(STACK + 8, registers[CallFrames.RSP]);
    }

    // Of another processor; a letter that is not known, before which nothing says how long it is.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "14000000 00000000 01 7a5200 01 78 0e 01 1b 0c0708 9001 0000",
                "14000000 00000000 01 525200 01 78 10 01 1b 0c0708 9001 0000",
                "14000000 00000000 01 7a5200 01 78 10 01 55 0c0708 9001 0000",
                "14000000 00000000 01 7a5200 01 78 10 7f 1b 0c0708 9001 0000"
            })
    void shouldPassOverWhatItCannotRead(String common) {
        assertFalse(frames(section(common, PROGRAM)).know(CODE));
    }

    @Test
    void shouldThrowNothingWhateverIsThere() {
        long seed = Long.getLong("jukvm.seed", System.nanoTime());
        Random random = new Random(seed);
        byte[] good = section(COMMON, PROGRAM);
        for (int i = 0; i < 20_000; i++) {
            byte[] bad = good.clone();
            for (int left = 1 + random.nextInt(4); left > 0; left--) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt();
            }
            CallFrames frames = frames(bad);
            long[] registers = registers(STACK + 16);
            if (frames.unwind(CODE + random.nextInt(LENGTH), registers, memory)) {
                assertTrue(
                        Long.compareUnsigned(registers[CallFrames.RSP], STACK) > 0, "seed " + seed);
            }
        }
    }
}
