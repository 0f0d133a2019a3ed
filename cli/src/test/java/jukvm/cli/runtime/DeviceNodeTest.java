package jukvm.cli.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import jukvm.error.ConfigException;
import org.junit.jupiter.api.Test;

final class DeviceNodeTest {
    @Test
    void shouldKnowADeviceByItsNumbers() throws IOException {
        assertEquals(new DeviceNode("/dev/null", 1, 3), DeviceNode.of("/dev/null"));
    }

    @Test
    void shouldSayWhatTheHostLacks() {
        ConfigException e =
                assertThrows(ConfigException.class, () -> DeviceNode.of("/dev/jukvm-none"));
        assertEquals(
                "/dev/jukvm-none: the host has no such device; load the kernel's module for it",
                e.getMessage());
    }
}
