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
import jukvm.memory.GuestMemory;
import org.junit.jupiter.api.Test;

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
        String message =
                assertThrows(ConfigException.class, () -> code("90 06 00 0f 31 c3")).getMessage();
        assertTrue(message.contains("0x100003"), message);
        assertTrue(message.contains("from 0x100001 on cannot be decoded"), message);
        assertTrue(code("90 06 00 c3").all().isEmpty());
    }
}
