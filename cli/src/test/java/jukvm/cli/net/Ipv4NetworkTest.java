package jukvm.cli.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Ipv4NetworkTest {
    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.1/24", "192.168.255.254/16", "223.255.255.253/30"})
    void shouldReadWhatItPrints(String text) {
        assertEquals(text, Ipv4Network.parse(text).requireHost().toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "10.0.0.1",
                "10.0.0.1/33",
                "10.0.0.256/24",
                "10.0.0.01/24",
                "10.0.1/24",
                "a/24"
            })
    void shouldRefuseWhatIsNoAddress(String text) {
        assertThrows(IllegalArgumentException.class, () -> Ipv4Network.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.0.0.0/24",
                "10.0.0.255/24",
                "10.0.0.1/31",
                "10.0.0.1/7",
                "127.0.0.1/8",
                "0.0.0.1/8",
                "224.0.0.1/24"
            })
    void shouldRefuseAddressesOfNoHost(String text) {
        Ipv4Network network = Ipv4Network.parse(text);
        assertThrows(IllegalArgumentException.class, network::requireHost);
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.1/24, 10.0.0.200/32, true",
        "10.0.0.1/24, 10.0.1.1/24, false",
        "10.0.1.1/24, 10.0.0.1/16, true",
        "10.0.1.1/24, 1.2.3.4/0, true",
        "10.0.1.1/32, 10.0.1.1/32, true"
    })
    void shouldTellWhetherNetworksOverlap(String one, String other, boolean isSo) {
        assertEquals(isSo, Ipv4Network.parse(one).overlaps(Ipv4Network.parse(other)));
        assertEquals(isSo, Ipv4Network.parse(other).overlaps(Ipv4Network.parse(one)));
    }

    @Test
    void shouldFindANeighbour() {
        assertEquals("10.0.0.2/24", Ipv4Network.parse("10.0.0.1/24").neighbour().toString());
        assertEquals("10.0.0.1/24", Ipv4Network.parse("10.0.0.9/24").neighbour().toString());
        assertEquals("10.0.0.6/30", Ipv4Network.parse("10.0.0.5/30").neighbour().toString());
    }
}
