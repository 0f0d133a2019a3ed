package jukvm.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
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
        byte[] entry = entry(first.length, code(first.length, CODE) + "00" + program);
        return join(first, entry, new byte[4]); // Its end is a zero.
    }

    /** Returns an entry at a place in a section whose common one is its first. */
    private static byte[] entry(int place, String content) {
        byte[] bytes = bytes(content);
        ByteBuffer at = ByteBuffer.allocate(8 + bytes.length).order(ByteOrder.LITTLE_ENDIAN);
        return at.putInt(4 + bytes.length).putInt(place + 4).put(bytes).array();
    }

    /** Returns what an entry at a place says of where its code is. */
    private static String code(int place, long gpa) {
        ByteBuffer at = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        at.putInt((int) (gpa - SECTION - place - 8)).putInt(LENGTH);
        return HexFormat.of().formatHex(at.array());
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            joined.writeBytes(part);
        }
        return joined.toByteArray();
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

    // A program; where it is; the frame above rsp; rbp, -1 if it is as it was. Each place of the
    // stack has how many places it is above rsp.
    @ParameterizedTest
    @CsvSource({
        "0e20, 0, 32, -1", // DW_CFA_def_cfa_offset
        "0e8020, 0, 4096, -1",
        "0c0720, 0, 32, -1", // DW_CFA_def_cfa
        "0c0620, 0, 96, -1",
        "0d06, 0, 72, -1", // DW_CFA_def_cfa_register
        "12067e, 0, 80, -1", // DW_CFA_def_cfa_sf
        "137c, 0, 32, -1", // DW_CFA_def_cfa_offset_sf
        "13fc7f, 0, 32, -1",
        "13fcffffffffffffffff7f, 0, 32, -1",
        "0e208602, 0, 32, 2", // DW_CFA_offset
        "0e20050602, 0, 32, 2", // DW_CFA_offset_extended
        "0e2011067e, 0, 32, 6", // DW_CFA_offset_extended_sf
        "0e2011068200, 0, 32, 2",
        "0e202f0602, 0, 32, 6", // DW_CFA_GNU_negative_offset_extended
        "0e2086020706, 0, 32, 0", // DW_CFA_undefined
        "0e2086020806, 0, 32, -1", // DW_CFA_same_value
        "0e208602c6, 0, 32, -1", // DW_CFA_restore
        "0e2086020606, 0, 32, -1", // DW_CFA_restore_extended
        "0e200710d0, 0, 32, -1",
        "0711 11117e 0e20, 0, 32, -1", // of a register of vectors
        "2e10 0e20, 0, 32, -1", // DW_CFA_GNU_args_size
        "0f013f 0c0720, 0, 32, -1", // DW_CFA_def_cfa_expression
        "0e20 1006013f, 0, 32, 0", // DW_CFA_expression
        "1606013f 0e20, 0, 32, 0", // DW_CFA_val_expression
        "090603 0e20, 0, 32, 0", // DW_CFA_register
        "140602 0e20, 0, 32, 0", // DW_CFA_val_offset
        "44 0e20, 3, 8, -1", // DW_CFA_advance_loc
        "44 0e20, 4, 32, -1",
        "0204 0e20, 3, 8, -1", // DW_CFA_advance_loc1
        "0204 0e20, 4, 32, -1",
        "030400 0e20, 3, 8, -1", // DW_CFA_advance_loc2
        "030400 0e20, 4, 32, -1",
        "030001 0e20, 31, 8, -1",
        "0404000000 0e20, 3, 8, -1", // DW_CFA_advance_loc4
        "0404000000 0e20, 4, 32, -1"
    })
    void shouldDoWhatAProgramSays(String program, int at, int frame, int rbp) {
        for (int i = 0; i < 512; i++) {
            memory.putU64(STACK + 8L * i, i);
        }
        long[] registers = registers(STACK + 64);
        assertTrue(frames(section(COMMON, program)).unwind(CODE + at, registers, memory));
        assertEquals(STACK + frame, registers[CallFrames.RSP]);
        assertEquals(frame / 8 - 1, registers[CallFrames.RIP]);
        assertEquals(rbp < 0 ? STACK + 64 : rbp, registers[CallFrames.RBP]);
    }

    // Without an augmentation; of version 3, whose number of the return address may be longer; in
    // units of code of 4 bytes; with more in each entry, and no end of the section.
    @ParameterizedTest
    @CsvSource({
        "0f000000 00000000 01 00 01 78 10 0c0708 9001 00, 0000100000000000 2000000000000000, 1",
        "14000000 00000000 03 7a5200 01 78 9000 01 1b 0c0708 9001 00, CODE 00, 1",
        "14000000 00000000 01 7a5200 04 78 10 01 1b 0c0708 9001 0000, CODE 00, 4",
        "18000000 00000000 01 7a4c5200 01 78 10 02 00 1b 0c0708 9001 00000000, CODE 02 0e99, 1"
    })
    void shouldReadEachFormOfEntry(String common, String head, int unit) {
        byte[] first = bytes(common);
        String code = head.replace("CODE", code(first.length, CODE));
        byte[] entry = entry(first.length, code + "42 0e20");
        CallFrames frames = frames(join(first, entry));
        assertTrue(frames.know(CODE) && frames.know(CODE + LENGTH - 1));
        assertFalse(frames.know(CODE + LENGTH));
        memory.putU64(STACK, 7);
        memory.putU64(STACK + 24, 8);
        long[] before = registers(5);
        assertTrue(frames.unwind(CODE + 2L * unit - 1, before, memory));
        assertEquals(7, before[CallFrames.RIP]);
        long[] after = registers(5);
        assertTrue(frames.unwind(CODE + 2L * unit, after, memory));
        assertEquals(8, after[CallFrames.RIP]);
    }

    @Test
    void shouldFindCodeInWhateverOrderItIsTold() {
        byte[] first = bytes(COMMON);
        byte[] high = entry(first.length, code(first.length, CODE + 2 * LENGTH) + "00 0e30");
        int place = first.length + high.length;
        byte[] low = entry(place, code(place, CODE) + "00 0e20");
        CallFrames frames = frames(join(first, high, low));
        for (long code : new long[] {CODE, CODE + 2 * LENGTH}) {
            memory.putU64(STACK + 24, CODE);
            memory.putU64(STACK + 40, CODE + 2 * LENGTH);
            long[] registers = registers(5);
            assertTrue(frames.unwind(code, registers, memory));
            assertEquals(code, registers[CallFrames.RIP]);
        }
        assertFalse(frames.know(CODE + LENGTH));
    }

    @Test
    void shouldRememberSoMuchAndNoMore() {
        memory.putU64(STACK + 24, CODE);
        assertTrue(
                frames(section(COMMON, "0a".repeat(64) + "0e20"))
                        .unwind(CODE, registers(5), memory));
        assertFalse(
                frames(section(COMMON, "0a".repeat(65) + "0e20"))
                        .unwind(CODE, registers(5), memory));
    }

    @Test
    void shouldTellTheCallerOfAFrame() {
        Symbols symbols = GuestImage.of("guest", guestWithFrames()).symbols();
        memory.putU64(STACK, CODE + 9);
        Symbols.Frame frame = new Symbols.Frame(CODE, STACK, 5);
        assertEquals(
                new Symbols.Frame(CODE + 9, STACK + 8, 5), symbols.caller(frame, CODE, memory));
        assertTrue(symbols.knowCaller(CODE));
        assertNull(symbols.caller(frame, CODE + LENGTH, memory));
        assertFalse(symbols.knowCaller(CODE + LENGTH));
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
