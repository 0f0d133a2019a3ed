package jukvm.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MacAddressTest {
    @ParameterizedTest
    @CsvSource({
        "02:0a:0b:0c:0d:0e, 020a0b0c0d0e",
        "FF:fF:Ff:ff:FF:ff, ffffffffffff",
        "00:00:00:00:00:00, 0",
        "2:a:b:c:d:e, 020a0b0c0d0e",
        "0:10:2:30:4:5f, 00100230045f"
    })
    void shouldParseSixOctets(String text, String bits) {
        MacAddress expected = new MacAddress(Long.parseLong(bits, 16));
        assertEquals(Optional.of(expected), MacAddress.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":",
                ":::::",
                "02:0a:0b:0c:0d",
                "02:0a:0b:0c:0d:",
                ":02:0a:0b:0c:0d:0e",
                "02:0a:0b:0c:0d:0e:",
                "02:0a:0b:0c:0d:0e:0f",
                "02:0a:0b::0d:0e",
                "02-0a-0b-0c-0d-0e",
                "020a0b0c0d0e",
                "002:0a:0b:0c:0d:0e",
                "02:0a:0b:0c:0d:0g",
                "+2:0a:0b:0c:0d:0e",
                "-2:0a:0b:0c:0d:0e",
                "0x:0a:0b:0c:0d:0e",
                " 02:0a:0b:0c:0d:0e",
                "02:0a:0b:0c:0d:0e ",
                "02:0a:0b:0c:0d:0e\n",
                "02:0a:0b:0c:0d:\uff10\uff11"
            })
    void shouldRefuseWhatIsNotSixOctets(String text) {
        assertEquals(Optional.empty(), MacAddress.parse(text));
    }

    @ParameterizedTest
    @ValueSource(longs = {1L << 48, -1, Long.MIN_VALUE})
    void shouldRefuseMoreThan48Bits(long bits) {
        assertThrows(IllegalArgumentException.class, () -> new MacAddress(bits));
    }

    @Test
    void shouldGiveItsTextAndOctets() {
        MacAddress mac = new MacAddress(0x02_0a_f0_00_7f_ffL);
        assertEquals("02:0a:f0:00:7f:ff", mac.toString());
        assertEquals(Optional.of(mac), MacAddress.parse(mac.toString()));
        byte[] octets = {2, 0x0a, (byte) 0xf0, 0, 0x7f, -1};
        for (int i = 0; i < MacAddress.SIZE; i++) {
            assertEquals(octets[i], mac.octet(i));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "ff:ff:ff:ff:ff:ff, true",
        "01:00:5e:00:00:01, true",
        "33:33:00:00:00:01, true",
        "03:00:00:00:00:00, true",
        "02:ff:ff:ff:ff:ff, false",
        "00:00:00:00:00:01, false"
    })
    void shouldKnowGroups(String text, boolean multicast) {
        assertEquals(multicast, MacAddress.parse(text).orElseThrow().isMulticast());
    }

    @Test
    void shouldMakeRandomAddressesOfOneInterface() {
        Set<MacAddress> seen = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            MacAddress mac = MacAddress.random();
            assertFalse(mac.isMulticast());
            assertTrue((mac.octet(0) & 2) != 0, mac + " is locally administered");
            assertTrue(seen.add(mac), mac + " came twice");
        }
    }
}
