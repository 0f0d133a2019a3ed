package jukvm.cli;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Device options as a command line gives them, for the tests of what they mean. */
abstract class GivenDeviceOptions {
    final DeviceOptions options = new DeviceOptions();

    void add(String... words) {
        for (String word : words) {
            assertTrue(options.add(word), word);
        }
    }

    DeviceOptions.Block block(String name) {
        DeviceOptions.Block block = options.blocks().get(name);
        assertNotNull(block, options.blocks()::toString);
        return block;
    }

    DeviceOptions.Net net(String name) {
        DeviceOptions.Net net = options.nets().get(name);
        assertNotNull(net, options.nets()::toString);
        return net;
    }
}
