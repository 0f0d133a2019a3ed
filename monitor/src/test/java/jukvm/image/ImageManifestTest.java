package jukvm.image;

import static jukvm.image.ElfBuilder.abi;
import static jukvm.image.ElfBuilder.entry;
import static jukvm.image.ElfBuilder.hvt;
import static jukvm.image.ElfBuilder.manifest;
import static jukvm.image.ElfBuilder.reserved;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.Stream;
import jukvm.abi.DeviceType;
import jukvm.abi.Manifest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ImageManifestTest {
    private static final int BLOCK = 1;
    private static final int NET = 2;

    static Stream<BadImage> badManifests() {
        byte[] storage = entry("storage", BLOCK, 0);
        return Stream.of(
                bad("version 2", manifest(2, 1, reserved()), "is 2, supported: 1"),
                bad("version 2^32-1", manifest(-1, 1, reserved()), "4294967295, supported"),
                bad("0 entries", manifest(1, 0), "has 0 entries, need 1 to 64"),
                bad("65 entries", manifest(1, 65, reserved()), "has 65 entries, need 1 to"),
                bad("2^32-1 entries", manifest(1, -1, reserved()), "has 4294967295 entries"),
                bad("2^31 entries", manifest(1, 1 << 31, reserved()), "has 2147483648"),
                bad("too few bytes", manifest(1, 2, reserved()), "112 bytes, 2 entries make 216"),
                bad(
                        "too many bytes",
                        manifest(1, 1, reserved(), storage),
                        "216 bytes, 1 entries make 112"),
                bad("no entry at all", new byte[7], "has 7 bytes, need at least 8"),
                bad("first is a device", manifest(storage), "0x40000000, has type 0x1 and a name"),
                bad(
                        "first is named",
                        manifest(entry("x", 0x40000000, 0)),
                        "type 0x40000000 and a name"),
                bad("first of type 0", manifest(entry("", 0, 0)), "type 0x40000000, has type 0x0"),
                bad(
                        "attached",
                        manifest(reserved(), entry("storage", BLOCK, 1)),
                        "entry 1",
                        "attached (1)"),
                bad(
                        "first attached",
                        manifest(entry("", 0x40000000, 1)),
                        "entry 0",
                        "attached (1)"),
                name("A".repeat(68), "entry 1 does not end within 68 bytes"),
                name("\u001b[2J", "entry 1 is '\\x1b[2J', need 1 to 67 letters"),
                name("a\nb", "entry 1 is 'a\\x0ab'"),
                name("f\u00fcr", "entry 1 is 'f\\xfcr'"),
                name("a b", "entry 1 is 'a b'"),
                name("../x", "entry 1 is '../x'"),
                name("", "entry 1 is ''"),
                bad(
                        "same name, same type",
                        manifest(reserved(), storage, storage),
                        "'storage' stands twice"),
                bad(
                        "same name, other type",
                        manifest(reserved(), storage, entry("storage", NET, 0)),
                        "'storage' stands twice"),
                type(0, "type 0 for 'x'"),
                type(3, "type 3 for 'x'"),
                type(0x3fffffff, "type 1073741823 for 'x'"));
    }

    private static BadImage bad(String what, byte[] manifest, String... facts) {
        return BadImage.of(what, hvt(abi(1, 2), manifest), facts);
    }

    private static BadImage name(String name, String fact) {
        String what = "name of " + name.length() + " characters";
        return bad(what, manifest(reserved(), entry(name, BLOCK, 0)), fact);
    }

    private static BadImage type(int type, String fact) {
        byte[] manifest = manifest(reserved(), entry("x", type, 0));
        return bad("type " + type, manifest, "unknown device " + fact, "known: 1 (BLOCK_BASIC)");
    }

    @ParameterizedTest
    @MethodSource("badManifests")
    void shouldRefuseWithTheNumberThatIsWrong(BadImage bad) {
        bad.assertRefused();
    }

    @Test
    void shouldReadDevicesInTheOrderOfTheirHandles() {
        String longest = "A".repeat(67);
        byte[] manifest = manifest(reserved(), entry("net0", NET, 0), entry(longest, BLOCK, 0));
        assertEquals(
                List.of(
                        new Manifest.Device(1, "net0", DeviceType.NET_BASIC),
                        new Manifest.Device(2, longest, DeviceType.BLOCK_BASIC)),
                hvt(abi(1, 2), manifest).parse().manifest().devices());
    }

    @Test
    void shouldReadSixtyFourEntries() {
        byte[][] entries = new byte[64][];
        entries[0] = reserved();
        for (int i = 1; i < entries.length; i++) {
            entries[i] = entry("disk" + i, BLOCK, 0);
        }
        GuestImage image = hvt(abi(1, 2), manifest(entries)).parse();
        assertEquals(63, image.manifest().devices().size());
    }
}
