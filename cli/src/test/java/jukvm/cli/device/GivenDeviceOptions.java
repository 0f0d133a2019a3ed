package jukvm.cli.device;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jukvm.abi.DeviceType;

/** Device options as a command line gives them, for the tests of what they mean. */
abstract class GivenDeviceOptions {
    final DeviceOptions options = new DeviceOptions();

    void add(String... words) {
        for (String word : words) {
            assertTrue(options.add(word), word);
        }
    }

    AskedBlock block(String name) {
        return assertInstanceOf(AskedBlock.class, asked(DeviceType.BLOCK_BASIC, name));
    }

    AskedNet net(String name) {
        return assertInstanceOf(AskedNet.class, asked(DeviceType.NET_BASIC, name));
    }

    private AskedDevice asked(DeviceType type, String name) {
        AskedDevice device = options.asked(type).get(name);
        assertNotNull(device, options.asked(type)::toString);
        return device;
    }
}
