package jukvm.io;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import jukvm.libc.Stat;
import jukvm.text.HostText;

/**
 * Block devices of the host whose blocks are those of a file, and partitions of them. The kernel
 * locks no such file. What /sys does not show is not found. Source: loop(4), sysfs-block.
 */
public final class LoopDevices {
    private static final Path BLOCK = Path.of("/sys/block");
    private static final Path NUMBERS = Path.of("/sys/dev/block");
    private static final long SECTOR = 512;

    private LoopDevices() {}

    /**
     * Where a device has its blocks.
     *
     * @param path of the file, as this process sees it
     * @param start of the device's first byte in the file
     * @param length in bytes; 0 if it reaches to the end of the file
     */
    public record Backing(String path, long start, long length) {}

    /** Returns where a device has its blocks, if they are in a file. */
    public static Optional<Backing> backing(long device) {
        Path at = NUMBERS.resolve(Stat.major(device) + ":" + Stat.minor(device));
        Path whole = Files.exists(at.resolve("partition")) ? at.resolve("..") : at;
        try {
            String path = text(whole.resolve("loop/backing_file"));
            long offset = Long.parseLong(text(whole.resolve("loop/offset")));
            if (whole.equals(at)) {
                return Optional.of(new Backing(path, offset, 0));
            }
            long start = Long.parseLong(text(at.resolve("start"))) * SECTOR;
            long length = Long.parseLong(text(at.resolve("size"))) * SECTOR;
            return Optional.of(new Backing(path, offset + start, length));
        } catch (IOException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    /**
     * Returns the path of a device whose blocks are those of a file, if there is one.
     *
     * @param writable whether only one that can write them counts
     */
    public static Optional<String> over(FileId file, boolean writable) {
        try (DirectoryStream<Path> loops = Files.newDirectoryStream(BLOCK, "loop*")) {
            for (Path loop : loops) {
                if (isOver(loop, file) && !(writable && text(loop.resolve("ro")).equals("1"))) {
                    return Optional.of("/dev/" + loop.getFileName());
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            return Optional.empty();
        }
        return Optional.empty();
    }

    private static boolean isOver(Path loop, FileId file) {
        try {
            String path = text(loop.resolve("loop/backing_file"));
            return FileId.of(Requester.self(), path).filter(file::equals).isPresent();
        } catch (IOException e) {
            return false; // It has no file, as most of them.
        }
    }

    private static String text(Path file) throws IOException {
        byte[] line = Files.readAllBytes(file);
        int end = line.length > 0 && line[line.length - 1] == '\n' ? line.length - 1 : line.length;
        return HostText.decode(Arrays.copyOf(line, end));
    }
}
