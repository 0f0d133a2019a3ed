package jukvm.image;

import static jukvm.image.ElfBuilder.DATA;
import static jukvm.image.ElfBuilder.DATA_GPA;
import static jukvm.image.ElfBuilder.DATA_MEMORY;
import static jukvm.image.ElfBuilder.R;
import static jukvm.image.ElfBuilder.TEXT_GPA;
import static jukvm.image.ElfBuilder.TEXT_SIZE;
import static jukvm.image.ElfBuilder.hvt;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import jukvm.image.ElfBuilder.Field;
import jukvm.image.ElfBuilder.Header;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ElfFileTest {
    static Stream<BadImage> badHeaders() {
        int size = hvt().build().length;
        int after = size - 5 * 56;
        return Stream.of(
                BadImage.of("empty", hvt().resize(0), "file is empty", "64 bytes"),
                BadImage.of("63 bytes", hvt().resize(63), "has 63 bytes", "needs 64"),
                BadImage.of("3 bytes", hvt().resize(3), "has 3 bytes", "needs 64"),
                BadImage.of("bad magic", hvt().patch(0, (byte) 0x7e), "not an ELF file"),
                startingWith("#!/b", "(starts with 23 21 2f 62: a script)"),
                BadImage.of(
                        "as gzip begins",
                        hvt().patch(0, (byte) 0x1f, (byte) 0x8b, (byte) 8, (byte) 0),
                        "gzip: damaged"),
                startingWith("(\u00b5/\u00fd", "(starts with 28 b5 2f fd: zstd"),
                startingWith("\u001b[2J", "(starts with 1b 5b 32 4a)"),
                BadImage.of("one byte, not ELF", hvt().patch(0, (byte) 0).resize(1), "00)"),
                BadImage.of("32-bit", hvt().set(Header.CLASS, 1), "32-bit", "need 64-bit"),
                BadImage.of("class 0", hvt().set(Header.CLASS, 0), "class 0", "class 2"),
                BadImage.of("big-endian", hvt().set(Header.DATA, 2), "big-endian", "need l"),
                BadImage.of("data 0", hvt().set(Header.DATA, 0), "encoding 0", "encoding 1"),
                BadImage.of(
                        "PIE",
                        hvt().set(Header.TYPE, 3),
                        "position-independent executable",
                        "-no-pie",
                        "need an executable (ET_EXEC, type 2)"),
                BadImage.of("object", hvt().set(Header.TYPE, 1), "ET_REL", "ET_EXEC"),
                BadImage.of("core", hvt().set(Header.TYPE, 4), "ET_CORE", "ET_EXEC"),
                BadImage.of("type", hvt().set(Header.TYPE, 65535), "type 65535", "ET_EXEC"),
                BadImage.of("aarch64", hvt().set(Header.MACHINE, 183), "aarch64", "x86_64"),
                BadImage.of("i386", hvt().set(Header.MACHINE, 3), "built for i386,", "x86_64"),
                BadImage.of("riscv", hvt().set(Header.MACHINE, 243), "built for riscv,", "x86_64"),
                BadImage.of("unknown", hvt().set(Header.MACHINE, 999), "999", "x86_64"),
                BadImage.of("version 0", hvt().set(Header.VERSION, 0), "is 0, need 1"),
                BadImage.of("version 2^32-1", hvt().set(Header.VERSION, -1), "is 4294967295"),
                BadImage.of("header size 63", hvt().set(Header.EHSIZE, 63), "63, need 64"),
                BadImage.of("no headers", hvt().set(Header.PHNUM, 0), "no program headers"),
                BadImage.of(
                        "65535 headers",
                        hvt().set(Header.PHNUM, 65535),
                        "65535 program headers need 3669960 bytes",
                        "has " + (size - 64)),
                BadImage.of("size 0", hvt().set(Header.PHENTSIZE, 0), "is 0, need 56"),
                BadImage.of("size 55", hvt().set(Header.PHENTSIZE, 55), "is 55, need 56"),
                BadImage.of("size 57", hvt().set(Header.PHENTSIZE, 57), "is 57, need 56"),
                BadImage.of(
                        "offset 2^63",
                        hvt().set(Header.PHOFF, Long.MIN_VALUE),
                        "offset 9223372036854775808",
                        "outside the file of " + size),
                BadImage.of(
                        "offset 2^64-1",
                        hvt().set(Header.PHOFF, -1),
                        "offset 18446744073709551615",
                        "outside the file of " + size),
                BadImage.of(
                        "offset EOF-1",
                        hvt().set(Header.PHOFF, size - 1),
                        "need 280 bytes from offset " + (size - 1),
                        "has 1 there"),
                BadImage.of(
                        "one byte too far",
                        hvt().set(Header.PHOFF, after + 1),
                        "need 280 bytes from offset " + (after + 1),
                        "has 279 there"),
                startingWith("MZ\0\0", "(starts with 4d 5a 00 00: a PE file or Linux"),
                startingWith("JUKV", "(starts with 4a 55 4b 56: a snapshot that is damaged"),
                startingWith("JUKW", "(starts with 4a 55 4b 57)"),
                BadImage.of("a byte of gzip", hvt().patch(0, (byte) 0x1f).resize(1), "with 1f)"),
                startingWith("0707", "(starts with 30 37 30 37)"));
    }

    private static BadImage startingWith(String start, String fact) {
        byte[] bytes = start.getBytes(StandardCharsets.ISO_8859_1);
        return BadImage.of("starts with bytes", hvt().patch(0, bytes), "not an ELF file", fact);
    }

    static Stream<BadImage> badEntries() {
        ElfBuilder hole = hvt().set(Header.ENTRY, TEXT_GPA + TEXT_SIZE);
        String notInside = "is not inside an executable segment";
        return Stream.of(
                entry("0", 0, "entry point 0x0 is below 0x100000"),
                entry("below 1 MiB", 0xfffff, "0xfffff is below 0x100000"),
                entry("512 MiB, a memory size", 512L << 20, "0x20000000 " + notInside),
                entry("4 GiB", 4L << 30, "0x100000000 " + notInside),
                BadImage.of("after the last byte of text", hole, "0x100018 " + notInside),
                entry("in data", DATA_GPA, "0x101000 " + notInside),
                entry("2^63", Long.MIN_VALUE, "0x8000000000000000 " + notInside),
                entry("2^64-1", -1, "0xffffffffffffffff " + notInside),
                BadImage.of(
                        "in zero memory after text",
                        hvt().set(0, Field.MEMSZ, 0x1000).set(Header.ENTRY, TEXT_GPA + TEXT_SIZE),
                        "0x100018 " + notInside),
                BadImage.of(
                        "no executable segment",
                        hvt().set(0, Field.FLAGS, R),
                        "0x100000 " + notInside));
    }

    private static BadImage entry(String what, long value, String fact) {
        return BadImage.of("entry " + what, hvt().set(Header.ENTRY, value), fact);
    }

    @ParameterizedTest
    @MethodSource({"badHeaders", "badEntries"})
    void shouldRefuseWithTheNumberThatIsWrong(BadImage bad) {
        bad.assertRefused();
    }

    @Test
    void shouldAcceptProgramHeadersThatEndWithTheFile() {
        byte[] moved = hvt().build();
        int size = moved.length;
        byte[] bytes = java.util.Arrays.copyOf(moved, size + 5 * 56);
        System.arraycopy(moved, 64, bytes, size, 5 * 56);
        bytes[32] = (byte) size;
        bytes[33] = (byte) (size >> 8);
        assertEquals(TEXT_GPA, GuestImage.of("moved", bytes).entry());
    }

    @Test
    void shouldAcceptEntryAtLastByteOfText() {
        GuestImage image = hvt().set(Header.ENTRY, TEXT_GPA + TEXT_SIZE - 1).parse();
        assertEquals(TEXT_GPA + TEXT_SIZE - 1, image.entry());
    }

    @Test
    void shouldNotLookAtIdentityBeyondEncodingNorAtSectionHeaders() {
        GuestImage image =
                hvt().patch(6, (byte) 9, (byte) 9, (byte) 9) // version byte, OSABI, ABI version
                        .patch(40, new byte[] {-1, -1, -1, -1, -1, -1, -1, -1}) // e_shoff
                        .patch(48, (byte) -1) // e_flags
                        .patch(58, (byte) -1, (byte) -1, (byte) -1, (byte) -1) // e_shentsize, num
                        .parse();
        assertEquals(DATA_GPA + DATA_MEMORY, image.segments().get(DATA).gpa() + DATA_MEMORY);
    }
}
