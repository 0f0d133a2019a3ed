package jukvm.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UserNetworkSpecTest {
    private static String options(UserNetworkSpec spec) {
        return String.join(" ", spec.options(spec.ports()));
    }

    @Test
    void shouldAskForTheUsualNetwork() {
        assertEquals(
                "-4 -m 1500 -a 10.0.2.15 -n 24 -g 10.0.2.2 -D 10.0.2.3 --dns-forward 10.0.2.3"
                        + " --no-map-gw",
                options(UserNetworkSpec.usual()));
    }

    @ParameterizedTest
    @CsvSource({
        "192.168.7.10/24, -a 192.168.7.10 -n 24 -g 192.168.7.2 -D 192.168.7.3 ",
        "192.168.7.10, -a 192.168.7.10 -n 24 -g 192.168.7.2 -D 192.168.7.3 ",
        "10.9.8.7/8, -a 10.9.8.7 -n 8 -g 10.0.0.2 -D 10.0.0.3 ",
        "172.16.0.14/29, -a 172.16.0.14 -n 29 -g 172.16.0.10 -D 172.16.0.11 "
    })
    void shouldHaveGatewayAndNameServerFollowTheAddress(String address, String expected) {
        String options = options(UserNetworkSpec.usual().mtu(9000).address(address));
        assertTrue(options.startsWith("-4 -m 9000 " + expected), options);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "10.0.2",
                "10.0.2.15/",
                "10.0.2.15/x",
                "10.0.2.15/7",
                "10.0.2.15/30",
                "10.0.2.15/24/24",
                "10.0.2.256",
                "127.0.0.1",
                "224.0.0.1",
                "10.0.2.0",
                "10.0.2.255",
                "10.0.2.2",
                "10.0.2.3/24",
                "10.0.2.15 -i lo"
            })
    void shouldRefuseAnAddressThatNoGuestCanHave(String address) {
        UserNetworkSpec usual = UserNetworkSpec.usual();
        assertThrows(IllegalArgumentException.class, () -> usual.address(address));
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 575, 65521, Integer.MAX_VALUE})
    void shouldRefuseAnMtuThatIsNone(int bytes) {
        UserNetworkSpec usual = UserNetworkSpec.usual();
        assertThrows(IllegalArgumentException.class, () -> usual.mtu(bytes));
    }

    @ParameterizedTest
    @CsvSource({
        "8080:80, -t 127.0.0.1/8080:80",
        "8080:80/tcp, -t 127.0.0.1/8080:80",
        "0.0.0.0:8080:80, -t 0.0.0.0/8080:80",
        "0.0.0.0:53:5353/udp, -u 0.0.0.0/53:5353",
        "192.168.1.7:1:65535, -t 192.168.1.7/1:65535"
    })
    void shouldPublishAPort(String text, String expected) {
        PublishedPort port = PublishedPort.parse(text);
        assertEquals(port, PublishedPort.parse(port.toString()));
        String options = options(UserNetworkSpec.usual().publish(port));
        assertTrue(options.endsWith(" --no-map-gw " + expected), options);
    }

    // passt could not answer otherwise.
    @Test
    void shouldLeadToTheHostOnlyForAnswersByUdp() {
        UserNetworkSpec spec =
                UserNetworkSpec.usual()
                        .publish(PublishedPort.tcp(8080, 80))
                        .publish(PublishedPort.udp(53, 53));
        String options = options(spec);
        assertTrue(options.endsWith(" 10.0.2.3 -t 127.0.0.1/8080:80 -u 127.0.0.1/53:53"), options);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "80",
                ":80",
                "80:",
                "8080:0",
                "8080:65536",
                "65536:80",
                "-1:80",
                "8080:80/sctp",
                "8080:80/",
                "8080-8090:80",
                "localhost:8080:80",
                ":8080:80",
                "::1:8080:80",
                "127.0.0.1:8080:80:81",
                "8080:80 -i lo",
                "99999999999:80"
            })
    void shouldRefuseWhatIsNoPort(String text) {
        assertThrows(IllegalArgumentException.class, () -> PublishedPort.parse(text));
    }
}
