package jukvm.junit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import jukvm.device.BlockDevice;
import jukvm.device.FileDisk;
import jukvm.device.MemoryDisk;
import jukvm.device.NetDevice;
import jukvm.device.OverlayDisk;
import jukvm.device.PcapngCapture;
import jukvm.device.SwitchPort;
import jukvm.device.VirtualSwitch;
import jukvm.error.ConfigException;
import jukvm.host.Sync;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Recorder;

/** The devices of one guest, opened for it. Used by one thread. */
final class GuestDevices implements AutoCloseable {
    private static final int SECTOR = 512;
    private static final String FORMS =
            "need NAME=PATH, NAME=PATH:ro, NAME=PATH:overlay or a size as in NAME=64KiB";

    private final FileSearch search;
    private final List<Runnable> closing = new ArrayList<>();
    private final Map<String, Path> files = new TreeMap<>();

    private GuestSpec guest;

    private GuestDevices(FileSearch search, GuestSpec guest) {
        this.search = search;
        this.guest = guest;
    }

    /**
     * Opens the devices that an annotation asks for and gives them to a guest.
     *
     * @throws ConfigException if the annotation asks for what cannot be
     * @throws jukvm.error.HostException if a file cannot be opened
     * @throws IOException if a capture cannot be begun
     */
    static GuestDevices open(
            Unikernel wanted, FileSearch search, VirtualSwitch network, GuestSpec guest)
            throws IOException {
        GuestDevices devices = new GuestDevices(search, guest);
        try {
            for (String word : wanted.block()) {
                int end = Math.max(word.indexOf('='), 0);
                BlockDevice device = devices.block(word, word.substring(end));
                devices.guest = devices.guest.block(word.substring(0, end), device);
            }
            for (String name : wanted.net()) {
                NetDevice device = devices.net(name, network.connect(), wanted.capture());
                devices.guest = devices.guest.net(name, device);
            }
            if (wanted.record()) {
                devices.record();
            }
        } catch (IOException | RuntimeException e) {
            devices.close();
            devices.forget();
            throw e;
        }
        return devices;
    }

    private void record() throws IOException {
        Path file = Files.createTempDirectory("jukvm-recording").resolve("guest.jukvmrec");
        files.put(Evidence.RECORDING, file);
        Recorder recorder = Recorder.to(file);
        closing.add(recorder::close);
        guest = guest.record(recorder);
    }

    /** Returns the guest with its devices. */
    GuestSpec guest() {
        return guest;
    }

    private BlockDevice block(String word, String assigned) {
        if (assigned.length() < 2 || assigned.length() == word.length()) {
            throw new ConfigException("block '" + word + "': " + FORMS);
        }
        String value = assigned.substring(1);
        OptionalLong size = Quantity.size(value);
        if (size.isPresent()) {
            return MemoryDisk.of(size.getAsLong(), SECTOR);
        }
        if (value.endsWith(":overlay")) {
            return OverlayDisk.over(readOnly(path(value, ":overlay")));
        }
        return value.endsWith(":ro") ? readOnly(path(value, ":ro")) : writable(path(value, ""));
    }

    private String path(String value, String suffix) {
        String name = value.substring(0, value.length() - suffix.length());
        return search.file(name).map(Path::toString).orElse(name); // What is missing is named so.
    }

    private FileDisk readOnly(String path) {
        return closed(FileDisk.openReadOnly(path, SECTOR));
    }

    private FileDisk writable(String path) {
        return closed(FileDisk.open(path, SECTOR, Sync.NONE));
    }

    private FileDisk closed(FileDisk disk) {
        closing.add(disk::close);
        return disk;
    }

    private NetDevice net(String name, SwitchPort port, boolean captured) throws IOException {
        closing.add(port::close);
        if (!captured) {
            return port;
        }
        Path file = Files.createTempDirectory("jukvm-capture").resolve(name + ".pcapng");
        files.put(name, file);
        PcapngCapture capture = PcapngCapture.of(port, name, file);
        closing.add(capture::close);
        return capture;
    }

    /** Returns the files of what was captured, by the device's name, and of the recording. */
    Map<String, Path> files() {
        return files;
    }

    /** Removes what was captured and recorded; all must be closed. */
    void forget() throws IOException {
        for (Path file : files.values()) {
            Files.deleteIfExists(file);
            Files.deleteIfExists(Optional.ofNullable(file.getParent()).orElseThrow());
        }
    }

    /** Closes all; the guest must have ended. */
    @Override
    public void close() {
        closing.forEach(Runnable::run);
    }
}
