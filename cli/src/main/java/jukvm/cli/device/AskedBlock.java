package jukvm.cli.device;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import jukvm.abi.DeviceType;
import jukvm.device.AttachedBlock;
import jukvm.device.BlockDevice;
import jukvm.device.FileDisk;
import jukvm.error.ConfigException;
import jukvm.host.Sync;
import jukvm.monitor.GuestSpec;
import org.jspecify.annotations.Nullable;

/** What is asked for one block device. */
final class AskedBlock extends AskedDevice {
    private static final String READ_ONLY = ":ro";

    // Says nothing that is not so without, and what comes before it is a name as it is.
    private static final String READ_WRITE = ":rw";

    @Nullable String path;
    boolean readOnly;
    int sectorSize = BlockDevice.MIN_BLOCK_SIZE;
    @Nullable Sync sync;

    @Override
    Map<String, String> usages() {
        Map<String, String> usages = new LinkedHashMap<>();
        usages.put("block", "--block:NAME=PATH[:ro]");
        usages.put("block-sector-size", "--block-sector-size:NAME=BYTES");
        usages.put("block-sync", "--block-sync:NAME=none|exit|dsync");
        usages.put("disk", "--disk=PATH[:ro]");
        return usages;
    }

    @Override
    List<String> nameless() {
        return List.of("disk");
    }

    @Override
    public List<String> help() {
        return List.of(
                "      --block:NAME=PATH[:ro]",
                "                            Attach a file or block device, locked while in",
                "                              use; for reading only with :ro. A name that ends",
                "                              so is followed by :rw.",
                "      --block-sector-size:NAME=BYTES",
                "                            Block size, a power of two from 512 to 32768; 512",
                "                              if not given.",
                "      --block-sync:NAME=none|exit|dsync",
                "                            When writes reach the disk: as the kernel likes,",
                "                              at the guest's end, or before each is",
                "                              acknowledged.",
                "      --disk=PATH[:ro]      The guest's only disk, whatever its name.");
    }

    @Override
    public Map<String, String> solo5() {
        Map<String, String> lines = new LinkedHashMap<>();
        lines.put(
                "block", "    --block:NAME=PATH (file or block device PATH becomes the disk NAME)");
        lines.put(
                "block-sector-size",
                "  [ --block-sector-size:NAME=SECTORSIZE ] (a power of two, 512 to 32768)");
        return lines;
    }

    @Override
    public DeviceType type() {
        return DeviceType.BLOCK_BASIC;
    }

    @Override
    List<String> paths(String option, String value) {
        boolean isPath = option.equals("block") || option.equals("disk");
        return isPath ? List.of(value, path(value)) : List.of();
    }

    @Override
    void set(String option, String word, String value, boolean asSolo5) {
        switch (option) {
            case "block-sector-size" -> sectorSize = sectorSize(word, value);
            case "block-sync" -> sync = sync(word, value);
            default -> {
                // solo5-hvt takes whatever comes after the name for the path.
                readOnly = !asSolo5 && value.endsWith(READ_ONLY);
                path = asSolo5 ? value : path(value);
            }
        }
    }

    private static String path(String value) {
        return value.endsWith(READ_ONLY) || value.endsWith(READ_WRITE)
                ? value.substring(0, value.length() - READ_ONLY.length())
                : value;
    }

    private static int sectorSize(String word, String value) {
        if (!value.matches("[0-9]{1,9}") || !AttachedBlock.isBlockSize(Integer.parseInt(value))) {
            throw new ConfigException(word + ": " + AttachedBlock.blockSizeRule());
        }
        return Integer.parseInt(value);
    }

    private static Sync sync(String word, String value) {
        return switch (value) {
            case "none" -> Sync.NONE;
            case "exit" -> Sync.EXIT;
            case "dsync" -> Sync.DSYNC;
            default ->
                    throw new ConfigException(
                            word + ": '" + value + "' is not none, exit or dsync");
        };
    }

    @Override
    boolean hasBacking() {
        return path != null;
    }

    @Override
    String attaching(String name) {
        return "--block:" + name + "=PATH";
    }

    @Override
    void check(String name) {
        if (path == null) {
            throw new ConfigException("device '" + name + "' has no file; add " + attaching(name));
        }
        if (readOnly && sync != null) {
            throw new ConfigException("device '" + name + "' is read-only and has nothing to sync");
        }
    }

    @Override
    String failure() {
        return "Could not open block device";
    }

    @Override
    GuestSpec open(String name, OpenDevices devices, GuestSpec guest) {
        String file = required(path);
        FileDisk disk =
                readOnly
                        ? FileDisk.openReadOnly(devices.caller(), file, sectorSize)
                        : FileDisk.open(
                                devices.caller(),
                                file,
                                sectorSize,
                                sync == null ? Sync.NONE : sync);
        devices.add(disk);
        devices.size(disk.capacity());
        AttachedBlock.requireWholeBlocks(file, disk);
        return guest.block(name, disk);
    }
}
