package jukvm.cli;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import jukvm.device.FileDisk;
import jukvm.device.MacAddress;
import jukvm.device.NetDevice;
import jukvm.device.PcapngCapture;
import jukvm.device.TapDevice;
import jukvm.error.ConfigException;
import jukvm.error.JukvmException;
import jukvm.io.BlockFile;
import jukvm.io.Caller;
import jukvm.monitor.Tender;
import org.jspecify.annotations.Nullable;

/** The devices of one run, opened: all of those asked for, or none. */
final class OpenDevices implements AutoCloseable {
    private final Caller caller;
    private final Outputs outputs;
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final Deque<PcapngCapture> captures = new ArrayDeque<>();

    private OpenDevices(Caller caller, Outputs outputs) {
        this.caller = caller;
        this.outputs = outputs;
    }

    /**
     * Opens what the options ask for, with the caller's rights, and gives it to the guest.
     *
     * @param outputs which opens captures
     * @throws JukvmException if one cannot be opened; none is open then
     */
    static OpenDevices open(
            Caller caller, DeviceOptions options, Outputs outputs, Tender.Builder guest) {
        OpenDevices devices = new OpenDevices(caller, outputs);
        try {
            options.blocks()
                    .forEach(
                            (name, block) ->
                                    describe(
                                            "Could not open block device",
                                            () -> devices.open(name, block, guest)));
            options.nets()
                    .forEach(
                            (name, net) ->
                                    describe(
                                            "Could not attach interface",
                                            () -> devices.open(name, net, guest)));
            return devices;
        } catch (JukvmException e) {
            devices.close();
            throw e;
        }
    }

    // The phrases are solo5-hvt's; the reason is whoever's opened it.
    private static void describe(String phrase, Runnable open) {
        try {
            open.run();
        } catch (JukvmException e) {
            throw new ConfigException(phrase + ": " + e.getMessage());
        }
    }

    private void open(String name, DeviceOptions.Block block, Tender.Builder guest) {
        String path = required(block.path);
        BlockFile.Sync sync = block.sync == null ? BlockFile.Sync.NONE : block.sync;
        FileDisk disk =
                block.readOnly
                        ? FileDisk.openReadOnly(caller, path, block.sectorSize)
                        : FileDisk.open(caller, path, block.sectorSize, sync);
        opened.push(disk);
        guest.block(name, disk);
    }

    private void open(String name, DeviceOptions.Net net, Tender.Builder guest) {
        String tap = required(net.tap);
        MacAddress mac = net.mac == null ? MacAddress.random() : net.mac;
        TapDevice device =
                tap.startsWith("@")
                        ? TapDevice.adopt(caller, descriptor(name, tap), mac)
                        : TapDevice.open(caller, tap, mac);
        opened.push(device);
        NetDevice attached = device;
        if (net.capture != null) {
            attached = capture(device, name, net.capture);
        }
        guest.net(name, attached);
    }

    private PcapngCapture capture(NetDevice device, String name, String file) {
        String option = "--net-pcap:" + name;
        try {
            PcapngCapture capture =
                    PcapngCapture.of(device, name, file, outputs.open(option, file));
            opened.push(capture);
            captures.add(capture);
            return capture;
        } catch (IOException e) {
            throw new ConfigException(option + ": cannot write: " + e.getMessage());
        }
    }

    private static int descriptor(String name, String word) {
        try {
            if (word.matches("@[0-9]+")) {
                return Integer.parseInt(word.substring(1));
            }
        } catch (NumberFormatException e) {
            throw new ConfigException(
                    word + ": no descriptor has a number above " + Integer.MAX_VALUE);
        }
        throw new ConfigException(
                word
                        + ": is not @ and the number of an inherited descriptor, as in --net:"
                        + name
                        + "=@3");
    }

    // DeviceOptions.resolve refuses those that lack it.
    private static String required(@Nullable String value) {
        if (value == null) {
            throw new IllegalStateException("device without backing");
        }
        return value;
    }

    /** Returns what went wrong with each capture that is not complete, a line each. */
    Iterable<String> captureFailures() {
        List<String> failures = new ArrayList<>();
        captures.forEach(capture -> capture.failure().ifPresent(failures::add));
        return failures;
    }

    @Override
    public void close() {
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception e) {
                throw new IllegalStateException(e); // None of ours throws a checked one.
            }
        }
    }
}
