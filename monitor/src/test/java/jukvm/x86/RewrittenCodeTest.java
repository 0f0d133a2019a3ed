package jukvm.x86;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import jukvm.error.ConfigException;
import jukvm.image.ElfBuilder;
import jukvm.image.GuestImage;
import jukvm.image.SymbolsTest;
import jukvm.memory.GuestMemory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The instructions that are written over for a recording. */
final class RewrittenCodeTest {
    private static final long TEXT = ElfBuilder.TEXT_GPA;

    private static GuestImage image(String hex) {
        byte[] code = HexFormat.ofDelimiter(" ").parseHex(hex);
        return ElfBuilder.empty()
                .load(ElfBuilder.R | ElfBuilder.X, TEXT, code, code.length)
                .set(ElfBuilder.Header.ENTRY, TEXT)
                .parse();
    }

    private static RewrittenCode code(String hex) {
        return RewrittenCode.of(image(hex), false);
    }

    @Test
    void shouldFindThemAndNoBytesInsideOthers() {
        // mov $0x310f, %eax; rdtsc; ret
        assertEquals(List.of(TEXT + 5), code("b8 0f 31 00 00 0f 31 c3").all());
        // rdtscp; cpuid; rdrand %rcx; rdseed %r9d; rdpid %rax
        RewrittenCode code = code("0f 01 f9 0f a2 48 0f c7 f1 41 0f c7 f9 f3 0f c7 f8 0f 0b");
        assertEquals(List.of(TEXT, TEXT + 3, TEXT + 5, TEXT + 9), code.all());
        RewrittenCode.Place random = Objects.requireNonNull(code.at(TEXT + 5));
        assertEquals(RewrittenCode.Kind.RANDOM, random.kind());
        assertEquals(1, random.register());
        assertEquals(8, random.width());
        RewrittenCode.Place seed = Objects.requireNonNull(code.at(TEXT + 9));
        assertEquals(9, seed.register());
        assertEquals(4, seed.width());
        assertNotNull(code.before(TEXT + 2));
        assertNull(code.before(TEXT));
    }

    /** An image of 24 bytes of code, with symbols for bytes 0, 4 and 16. */
    private static RewrittenCode named(String hex) {
        byte[] code = HexFormat.ofDelimiter(" ").parseHex(hex);
        byte[] file = SymbolsTest.guestWithSymbols();
        int at = ElfBuilder.hvt().offsetOf(ElfBuilder.TEXT);
        System.arraycopy(code, 0, file, at, code.length);
        return RewrittenCode.of(GuestImage.of("guest.hvt", file), false);
    }

    private static void assertRefused(Executable search, String at, String from) {
        String message = assertThrows(ConfigException.class, search).getMessage();
        assertTrue(message.contains("an instruction at " + at + " that"), message);
        assertTrue(message.contains("from " + from + " on cannot be decoded"), message);
    }

    @Test
    void shouldTellTheRegisterOfEachWidth() {
        // rdrand %ax; rdseed %r15w
        RewrittenCode code = code("66 0f c7 f0 66 41 0f c7 ff");
        RewrittenCode.Kind random = RewrittenCode.Kind.RANDOM;
        assertEquals(new RewrittenCode.Place(TEXT, 4, random, 0, 2), code.at(TEXT));
        assertEquals(new RewrittenCode.Place(TEXT + 4, 5, random, 15, 2), code.at(TEXT + 4));
    }

    @Test
    void shouldFindOneThatCodeEndsWith() {
        assertEquals(List.of(TEXT), code("0f 31").all());
        assertEquals(List.of(TEXT + 6), code("90 90 90 90 90 90 0f a2").all());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "90 90 90 90 90 90 90 0f", // cut, at the end of the file
                "90 90 90 90 90 90 b8 00",
                "06 0f",
                "06 66 66 66",
                "06 48"
            })
    void shouldReadNoCodeBeyondItsEnd(String hex) {
        assertTrue(code(hex).all().isEmpty());
    }

    @Test
    void shouldGoOnAtTheNextSymbolAfterWhatIsNone() {
        assertEquals(List.of(TEXT + 4), named("06 00 00 00 0f 31 c3").all());
        // mov $..., %eax, of which the symbol's code is a part
        assertEquals(List.of(TEXT + 4), named("90 90 b8 00 0f a2 c3").all());
    }

    @Test
    void shouldRefuseWhatMayBeOneAcrossASymbol() {
        assertRefused(() -> named("90 90 b8 0f 31 c3"), "0x100003", "0x100002");
        assertRefused(() -> named("90 90 90 90 06 00 0f a2"), "0x100006", "0x100004");
    }

    @Test
    void shouldLeaveTheRegistersOfRing3ToTheEmulator() {
        assertTrue(code("0f 30 c3").all().isEmpty());
        assertEquals(List.of(TEXT), RewrittenCode.of(image("0f 30 c3"), true).all());
    }

    @Test
    void shouldWriteOverThemInTheirLength() {
        try (GuestMemory memory = GuestMemory.allocate(2 << 20)) {
            GuestImage image = image("90 48 0f c7 f1 0f 31 c3");
            image.load(memory);
            RewrittenCode.of(image, false).apply(memory);
            byte[] bytes = new byte[8];
            memory.owned(TEXT, 8).get(0, bytes);
            assertEquals("90e7d09090e7d0c3", HexFormat.of().formatHex(bytes));
        }
    }

    @Test
    void shouldRefuseWhatMayBeOneAfterWhatIsNone() {
        assertRefused(() -> code("90 06 00 0f 31 c3"), "0x100003", "0x100001");
        assertRefused(() -> code("06 90 0f 31"), "0x100002", "0x100000");
        assertTrue(code("90 06 00 c3").all().isEmpty());
    }
}
