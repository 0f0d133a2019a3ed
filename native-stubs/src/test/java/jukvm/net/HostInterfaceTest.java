package jukvm.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jukvm.error.ConfigException;
import jukvm.error.HostException;
import jukvm.io.Requester;
import org.junit.jupiter.api.Test;

class HostInterfaceTest {
    @Test
    void shouldTellOfAnInterface() {
        // The only one that every host has; as it is for as long as nobody changes it.
        HostInterface loopback = HostInterface.of(Requester.self(), "lo");
        assertEquals(0, loopback.mac());
        assertTrue(loopback.mtu() >= 68, loopback::toString);
        assertEquals(0, loopback.gateway());
    }

    @Test
    void shouldRefuseOneThatIsNotThere() {
        HostException e =
                assertThrows(
                        HostException.class, () -> HostInterface.of(Requester.self(), "jukvm-no"));
        assertTrue(e.getMessage().startsWith("jukvm-no: there is no such interface"), e::toString);
        assertThrows(
                ConfigException.class,
                () -> HostInterface.of(Requester.self(), "sixteen-bytes-no"));
    }
}
