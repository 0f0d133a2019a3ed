package jukvm.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import jukvm.error.HostException;
import jukvm.io.Requester;
import jukvm.libc.Errno;
import org.junit.jupiter.api.Test;

class PortClaimTest {
    private static final Requester SELF = Requester.self();
    private static final int LOOPBACK = 0x7f000001;

    private static InetSocketAddress loopback(int port) throws Exception {
        return new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port);
    }

    @Test
    void shouldKeepAPortThatWhoSharesItCanTake() throws Exception {
        try (PortClaim claim = PortClaim.of(SELF, LOOPBACK, 0, false);
                ServerSocket shares = new ServerSocket()) {
            assertTrue(claim.port() > 0 && claim.port() <= 65535, "" + claim.port());
            shares.setReuseAddress(true);
            shares.bind(loopback(claim.port()));
        }
        try (PortClaim claim = PortClaim.of(SELF, LOOPBACK, 0, true);
                DatagramSocket shares = new DatagramSocket(null)) {
            shares.setReuseAddress(true);
            shares.bind(loopback(claim.port()));
        }
    }

    @Test
    void shouldSayThatAPortIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket()) {
            taken.setReuseAddress(true);
            taken.bind(loopback(0));
            assertTaken(taken.getLocalPort(), false, "");
        }
        try (DatagramSocket taken = new DatagramSocket(null)) {
            taken.setReuseAddress(true);
            taken.bind(loopback(0));
            assertTaken(taken.getLocalPort(), true, "/udp");
        }
    }

    private static void assertTaken(int port, boolean isUdp, String suffix) {
        HostException e =
                assertThrows(HostException.class, () -> PortClaim.of(SELF, LOOPBACK, port, isUdp));
        assertEquals(Errno.EADDRINUSE, e.errno());
        assertEquals(
                "127.0.0.1:"
                        + port
                        + suffix
                        + ": bind: EADDRINUSE (Address already in use). Name another port, or 0 for"
                        + " one that is free",
                e.getMessage());
    }

    @Test
    void shouldSayThatAnAddressIsNotThisHosts() {
        HostException e =
                assertThrows(
                        HostException.class, () -> PortClaim.of(SELF, 0xc0000201, 8080, false));
        assertEquals(
                "192.0.2.1:8080: bind: EADDRNOTAVAIL (Cannot assign requested address). Name an"
                        + " address of this host, or 0.0.0.0 for all",
                e.getMessage());
    }
}
