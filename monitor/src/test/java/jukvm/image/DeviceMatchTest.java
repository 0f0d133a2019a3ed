package jukvm.image;

import static jukvm.abi.DeviceType.BLOCK_BASIC;
import static jukvm.abi.DeviceType.NET_BASIC;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.LinkedHashMap;
import java.util.Map;
import jukvm.abi.AbiNote;
import jukvm.abi.DeviceType;
import jukvm.error.ConfigException;
import org.junit.jupiter.api.Test;

/** Devices that are given are those that the guest declares, or the message says which would do. */
final class DeviceMatchTest {
    private static final GuestImage WITH_TWO =
            ElfBuilder.hvt(
                            ElfBuilder.abi(AbiNote.HVT, 2),
                            ElfBuilder.manifest(
                                    ElfBuilder.reserved(),
                                    ElfBuilder.entry("storage", BLOCK_BASIC.number(), 0),
                                    ElfBuilder.entry("net0", NET_BASIC.number(), 0)))
                    .parse();
    private static final GuestImage WITH_NONE = ElfBuilder.hvt().parse();
    private static final GuestImage UNMARKED = ElfBuilder.ukvm().parse();
    private static final String DECLARED =
            ". Declared: 'storage' (BLOCK_BASIC), 'net0' (NET_BASIC). Given: ";
    private static final String USE =
            ". Use GuestSpec.block(\"storage\", ...) GuestSpec.net(\"net0\", ...)";

    private static String refusal(GuestImage image, Map<String, DeviceType> given) {
        String message =
                assertThrows(ConfigException.class, () -> image.requireDevices(given)).getMessage();
        return message == null ? "" : message;
    }

    private static Map<String, DeviceType> given(String one, DeviceType type) {
        Map<String, DeviceType> given = new LinkedHashMap<>();
        given.put("storage", BLOCK_BASIC);
        given.put(one, type);
        return given;
    }

    @Test
    void shouldTakeThoseThatAreDeclared() {
        WITH_TWO.requireDevices(given("net0", NET_BASIC));
        WITH_NONE.requireDevices(Map.of());
    }

    @Test
    void shouldMissOneThatIsDeclared() {
        String fact = "guest.hvt: device 'net0' (NET_BASIC) is declared in the manifest but not";
        assertEquals(
                fact + " attached" + DECLARED + "'storage' (BLOCK_BASIC)" + USE,
                refusal(WITH_TWO, Map.of("storage", BLOCK_BASIC)));
        assertEquals(
                "guest.hvt: device 'storage' (BLOCK_BASIC) is declared in the manifest but not"
                        + " attached"
                        + DECLARED
                        + "none"
                        + USE,
                refusal(WITH_TWO, Map.of()));
    }

    @Test
    void shouldRefuseOneOfAnotherType() {
        assertEquals(
                "guest.hvt: device 'net0' is declared as NET_BASIC, given as BLOCK_BASIC"
                        + DECLARED
                        + "'storage' (BLOCK_BASIC), 'net0' (BLOCK_BASIC)"
                        + USE,
                refusal(WITH_TWO, given("net0", BLOCK_BASIC)));
    }

    @Test
    void shouldRefuseOneThatIsNotDeclared() {
        Map<String, DeviceType> three = given("net0", NET_BASIC);
        three.put("net1", NET_BASIC);
        assertEquals(
                "guest.hvt: device 'net1' is not declared in the manifest"
                        + DECLARED
                        + "'storage' (BLOCK_BASIC), 'net0' (NET_BASIC), 'net1' (NET_BASIC)"
                        + USE,
                refusal(WITH_TWO, three));
        assertEquals(
                "guest.hvt: device 'x' is not declared in the manifest. Declared: none."
                        + " Given: 'x' (NET_BASIC). Run it without devices",
                refusal(WITH_NONE, Map.of("x", NET_BASIC)));
    }

    @Test
    void shouldTakeOneOfEachForAGuestThatDeclaresNothing() {
        UNMARKED.requireDevices(Map.of());
        UNMARKED.requireDevices(Map.of("any", NET_BASIC));
        UNMARKED.requireDevices(given("any", NET_BASIC));
        assertEquals(
                "guest.hvt: a guest of ukvm 0.2 or 0.3 has at most one block and one network"
                        + " device. Given: 'storage' (BLOCK_BASIC), 'more' (BLOCK_BASIC)",
                refusal(UNMARKED, given("more", BLOCK_BASIC)));
    }
}
