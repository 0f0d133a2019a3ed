package jukvm.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Ipv4AddressTest {
    @Test
    void shouldBeANumberAndItsText() {
        assertEquals(0x0a000001, Ipv4Address.parse("10.0.0.1"));
        assertEquals(0xdfffffff, Ipv4Address.parse("223.255.255.255"));
        assertEquals("223.255.0.1", Ipv4Address.text(0xdfff0001));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "10",
                "10.0.1",
                "10.0.0.1.",
                "10.0.0.0.1",
                "10.0.0.256",
                "10.0.0.01",
                "10.0.0.-1",
                "10.0.0. 1",
                "10.0.0.1000",
                "host.in.a.zone",
                "10.0..1",
                "10.0.0.१"
            })
    void shouldRefuseWhatIsNone(String text) {
        Exception e = assertThrows(IllegalArgumentException.class, () -> Ipv4Address.parse(text));
        assertEquals("'" + text + "' is not an IPv4 address", e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "0.1.2.3", "127.0.0.1", "224.0.0.1", "255.255.255.255"})
    void shouldRefuseWhatNoHostInANetworkHas(String text) {
        Exception e = assertThrows(IllegalArgumentException.class, () -> Ipv4Address.parse(text));
        assertEquals(text + " is not the address of a host in a network", e.getMessage());
    }
}
