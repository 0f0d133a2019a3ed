package jukvm.block;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jukvm.error.HostException;
import jukvm.error.JukvmException;
import jukvm.host.Sync;
import jukvm.io.Requester;
import jukvm.libc.Libc;
import jukvm.testing.ChildJvm;
import jukvm.testing.PartialCaller;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What other processes, limits and full or read-only file systems do to an image. */
class BlockFileHostTest {
    private static final int SIZE = 4 << 20;

    private static final int F_DUPFD_CLOEXEC = 1030; // linux/fcntl.h
    private static final int LENGTH = 8192;
    private static final int OFFSET = SIZE - LENGTH;

    @TempDir private Path dir = Path.of("");

    private String failure(Path path) {
        return path + ": pwrite of " + LENGTH + " bytes at offset " + OFFSET + ": ";
    }

    private Path image() throws Exception {
        Path path = dir.resolve("disk.img");
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(SIZE);
        }
        return path;
    }

    @ParameterizedTest
    @CsvSource({"jna, false, false", "jna, false, true", "jna, true, false", "jnr, false, false"})
    void shouldNameTheProcessThatHasAnImage(String binding, boolean its, boolean ours)
            throws Exception {
        Path path = image();
        Process child = ChildJvm.of(binding, Holding.class, path.toString(), "" + its).start();
        try {
            BufferedReader output = child.inputReader(UTF_8);
            assertEquals("open", output.readLine());
            JukvmException e =
                    assertThrows(
                            HostException.class,
                            () -> BlockFile.open(path.toString(), ours, Sync.NONE));
            String remedy = ours ? "" : ", or attach the image read-only with :ro";
            assertEquals(
                    path + ": is in use by pid " + child.pid() + " (java); stop it" + remedy,
                    e.getMessage());
            if (its) {
                BlockFile.open(path.toString(), true, Sync.NONE).close();
            }
        } finally {
            child.destroyForcibly().waitFor();
        }
        BlockFile.open(path.toString(), false, Sync.NONE).close();
    }

    // Whoever opens devices for us, as a client of the daemon, may not have closed its own yet.
    @Test
    void shouldTakeNobodyForAReaderWhoOpenedTheDeviceForUs() throws Exception {
        String device = output("losetup", "-f", "--show", image().toString());
        assumeTrue(device.startsWith("/dev/loop"), device);
        List<Integer> copies = new ArrayList<>();
        Libc libc = Libc.get();
        Requester late =
                PartialCaller.telling(fd -> copies.add(libc.fcntl(fd, F_DUPFD_CLOEXEC, 0)));
        try {
            BlockFile.open(late, device, false, Sync.NONE).close();
            assertEquals(2, copies.size(), "the device, and the file behind it");
        } finally {
            copies.forEach(libc::close);
            output("losetup", "-d", device);
        }
    }

    private static String output(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
        process.waitFor();
        return output;
    }

    /** Has an image attached until it is killed. */
    static final class Holding {
        public static void main(String[] args) throws Exception {
            try (var file = BlockFile.open(args[0], Boolean.parseBoolean(args[1]), Sync.NONE)) {
                System.out.println(file.size() == SIZE ? "open" : "size " + file.size());
                Thread.sleep(Long.MAX_VALUE);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"jna", "jnr"})
    void shouldSayHowMuchWasWrittenBelowALimit(String binding) throws Exception {
        Path path = image();
        int blocks = OFFSET / 512 + 1;
        assertEquals(
                failure(path) + "EFBIG (File too large); 512 bytes of this request were written; 0",
                write(binding, path, List.of("sh", "-c", "ulimit -f " + blocks + " && \"$@\"")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"jna", "jnr"})
    void shouldSayHowMuchWasWrittenToAFullDisk(String binding) throws Exception {
        Path path = dir.resolve("disk.img");
        assertEquals(
                failure(path)
                        + "ENOSPC (No space left on device);"
                        + " 4096 bytes of this request were written; 0",
                write(binding, path, inTmpfs("4k", "rw")));
    }

    @Test
    void shouldSayThatAnImageCanOnlyBeRead() throws Exception {
        Path path = dir.resolve("disk.img");
        assertEquals(
                path
                        + ": open for writing: EROFS (Read-only file system). It can be read:"
                        + " attach the image read-only with :ro; 0",
                write("jna", path, inTmpfs("4k", "ro")));
    }

    /** Mounts are the child's own, and so gone with it. */
    private List<String> inTmpfs(String size, String mode) throws Exception {
        assumeTrue(run(List.of("unshare", "-m", "true")).isEmpty(), "may not mount");
        String mount = "mount -t tmpfs -o size=" + size + " none '" + dir + "'";
        String image = "truncate -s " + SIZE + " '" + dir + "/disk.img'";
        String remount = "mount -o remount," + mode + " '" + dir + "'";
        String script = mount + " && " + image + " && " + remount + " && \"$@\"";
        return List.of("unshare", "-m", "sh", "-c", script);
    }

    private static String write(String binding, Path path, List<String> prefix) throws Exception {
        List<String> command = new ArrayList<>(prefix);
        command.add("sh");
        command.addAll(ChildJvm.of(binding, Writing.class, path.toString()).command());
        return run(command);
    }

    /** Writes the end of an image, and says why it could not and where the buffer is. */
    static final class Writing {
        public static void main(String[] args) {
            ByteBuffer from = ByteBuffer.allocateDirect(LENGTH);
            try (BlockFile file = BlockFile.open(args[0], false, Sync.EXIT)) {
                file.write(OFFSET, from);
                file.flush();
            } catch (JukvmException e) {
                System.out.println(e.getMessage() + "; " + from.position());
            }
        }
    }

    private static String run(List<String> command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
        process.waitFor();
        return output;
    }
}
