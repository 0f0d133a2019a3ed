package jukvm.abi;

import java.util.Map;
import jukvm.device.AttachedBlock;
import jukvm.device.AttachedNet;
import jukvm.device.Console;
import jukvm.device.Devices;
import jukvm.device.LoopNet;
import jukvm.device.Notices;
import jukvm.device.RamDisk;
import jukvm.io.Poller;
import jukvm.memory.GuestMemory;

/** A disk of 64 blocks of 4096 bytes at handle 1, and an interface at handle 2. */
final class AttachedDevices implements AutoCloseable {
    final RamDisk disk = new RamDisk(64 * 4096, 4096);
    final LoopNet loop = new LoopNet(LoopNet.MAC, 65535);
    final Poller poller = new Poller();
    final Devices devices;

    AttachedDevices() {
        Notices notices = new Notices(line -> {});
        devices =
                new Devices(
                        Console.discard(),
                        () -> 42,
                        poller,
                        Map.of(
                                1,
                                new AttachedBlock("storage", disk, notices, poller),
                                2,
                                new AttachedNet("service", loop, notices)));
    }

    AttachedDevices within(GuestMemory memory) {
        disk.within(memory);
        loop.within(memory);
        return this;
    }

    @Override
    public void close() {
        loop.close();
        poller.close();
    }
}
