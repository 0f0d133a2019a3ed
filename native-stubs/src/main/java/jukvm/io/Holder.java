package jukvm.io;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.stream.Stream;

/**
 * Finds the process that has a lock, a device or an interface, by its descriptors in /proc. Source:
 * proc_pid_fdinfo(5).
 */
public final class Holder {
    /** What is said of the process that asks. */
    public static final String THIS = "this process";

    private static final Path PROC = Path.of("/proc");
    private static final String ANOTHER = "another process";
    private static final int S_IFMT = 0xf000; // linux/stat.h
    private static final int S_IFBLK = 0x6000;

    private Holder() {}

    /**
     * Returns whose lock is in the way of ours, as in {@code pid 1234 (qemu)}.
     *
     * @param shared whether ours would be shared, so that only exclusive ones are in its way
     */
    public static String ofLock(int file, boolean shared) {
        Path ours = PROC.resolve("self/fd/" + file);
        return find(
                (line, theirs) ->
                        line.startsWith("lock:")
                                && (line.contains("OFDLCK") || line.contains("POSIX"))
                                && (!shared || line.contains("WRITE"))
                                && isSameFile(ours, theirs));
    }

    /**
     * Returns who has a block device open for writing, by whatever node; none if nobody is to be
     * seen.
     *
     * @param device major number above, minor number below 32 bits
     */
    public static Optional<String> ofDevice(long device) {
        return known(
                find(
                        (line, theirs) ->
                                line.startsWith("flags:")
                                        && (line.charAt(line.length() - 1) & 3) != 0
                                        && isDevice(theirs, device)));
    }

    /**
     * Returns who has a lock on a node of a block device; none if nobody is to be seen.
     *
     * @param device major number above, minor number below 32 bits
     */
    public static Optional<String> ofLockedDevice(long device) {
        return known(find((line, theirs) -> line.startsWith("lock:") && isDevice(theirs, device)));
    }

    private static Optional<String> known(String holder) {
        return Optional.of(holder).filter(name -> !name.equals(ANOTHER));
    }

    private static boolean isDevice(Path theirs, long device) {
        try {
            Map<String, Object> status = Files.readAttributes(theirs, "unix:mode,rdev");
            long number = ((Number) Objects.requireNonNull(status.get("rdev"))).longValue();
            int mode = (Integer) Objects.requireNonNull(status.get("mode"));
            return (mode & S_IFMT) == S_IFBLK && number == device;
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Returns who is attached to a TAP interface, as in {@code pid 1234 (qemu)}. Each network
     * namespace has interfaces of its own, whatever they are called; but a process can have one of
     * a namespace that it has left.
     *
     * @param asker the process in whose network namespace the interface is
     */
    public static String ofInterface(String name, long asker) {
        BiPredicate<String, Path> has = (line, theirs) -> line.equals("iff:\t" + name);
        Path ours = PROC.resolve(asker + "/ns/net");
        String near = find((line, fd) -> has.test(line, fd) && isSameFile(ours, namespace(fd)));
        return near.equals(ANOTHER) ? find(has) : near;
    }

    private static Path namespace(Path fd) {
        return fd.resolve("../../ns/net").normalize();
    }

    // By the file and not by the line's device number: some file systems have two of those.
    private static boolean isSameFile(Path ours, Path theirs) {
        try {
            return Files.isSameFile(ours, theirs);
        } catch (IOException e) {
            return false;
        }
    }

    /** Finds by a line of a descriptor's fdinfo and the link to what the descriptor has open. */
    private static String find(BiPredicate<String, Path> match) {
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[1-9]*")) {
            for (Path process : processes) {
                if (holds(process, match)) {
                    return describe(process);
                }
            }
        } catch (IOException e) {
            return ANOTHER;
        }
        return ANOTHER;
    }

    private static boolean holds(Path process, BiPredicate<String, Path> match) {
        try (DirectoryStream<Path> infos = Files.newDirectoryStream(process.resolve("fdinfo"))) {
            for (Path info : infos) {
                Path fd = process.resolve("fd").resolve(info.getFileName());
                if (lines(info).anyMatch(line -> match.test(line, fd))) {
                    return true;
                }
            }
            return false;
        } catch (IOException | DirectoryIteratorException e) {
            return false; // Not ours to see, or gone meanwhile.
        }
    }

    private static Stream<String> lines(Path info) {
        try {
            return new String(Files.readAllBytes(info), StandardCharsets.UTF_8).lines();
        } catch (IOException e) {
            return Stream.empty();
        }
    }

    private static String describe(Path process) {
        String pid = process.getFileName().toString();
        if (pid.equals(Long.toString(ProcessHandle.current().pid()))) {
            return THIS;
        }
        try {
            byte[] name = Files.readAllBytes(process.resolve("comm"));
            // A process chooses its name, and this one goes to a terminal.
            String printable =
                    new String(name, StandardCharsets.UTF_8).strip().replaceAll("\\p{Cntrl}", "?");
            return "pid " + pid + " (" + printable + ")";
        } catch (IOException e) {
            return "pid " + pid;
        }
    }
}
