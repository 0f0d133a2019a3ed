package jukvm.tests.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import jukvm.device.FileDisk;
import jukvm.device.OverlayDisk;
import jukvm.guest.Outcome;
import jukvm.guest.RunResult;
import jukvm.image.GuestImage;
import jukvm.junit.Required;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.tests.command.CommandIT;
import jukvm.tests.support.Command;
import jukvm.tests.support.Guests;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Run;
import jukvm.tests.support.Running;
import jukvm.tests.support.Stamps;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Disks in files, as a user of the command attaches them. */
@RequiresKvm
final class BlockIT {
    private static final int CAPACITY = 1 << 20;
    private static final int O_DSYNC = 010000;
    private static final String GUEST = Guests.prebuilt("block.hvt").toString();

    @TempDir private Path folder;
    private Path image;
    private byte[] content;

    @BeforeEach
    void makeImage() throws IOException {
        content = new byte[CAPACITY];
        new Random(1).nextBytes(content);
        image = Files.write(folder.resolve("storage.img"), content);
    }

    private String attach() {
        return "--block:storage=" + image;
    }

    private boolean isUnchanged() throws IOException {
        return Arrays.equals(content, Files.readAllBytes(image));
    }

    private static void assertSuccess(Command run) {
        assertEquals("", run.stderr());
        assertTrue(run.stdout().endsWith("SUCCESS\n"), run.stdout());
        assertEquals(0, run.status());
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 4096, 32768})
    void shouldTellTheGuestTheSizeOfItsBlocks(int size) throws Exception {
        String option = "--block-sector-size:storage=" + size;
        Command run = Command.run("run", attach(), option, GUEST);
        assertSuccess(run);
        assertTrue(run.stdout().contains(CAPACITY + " bytes in blocks of " + size + "\n"));
        assertFalse(isUnchanged());
    }

    @ParameterizedTest
    @CsvSource({"--disk=, hvt", "--disk=, v1.hvt", "--disk=, v03.ukvm", "--disk=, ukvm"})
    void shouldAttachTheOnlyDisk(String option, String dialect) throws Exception {
        String guest = Guests.prebuilt("block." + dialect).toString();
        assertSuccess(Command.run("run", option + image, guest));
        assertFalse(isUnchanged());
    }

    @ParameterizedTest
    @ValueSource(strings = {"--block:storage=", "--disk="})
    void shouldNotChangeAReadOnlyImage(String option) throws Exception {
        Command run = Command.run("run", option + image + ":ro", GUEST, "ro");
        assertTrue(run.stdout().endsWith("SUCCESS\n"), run.stdout());
        assertEquals(0, run.status());
        assertTrue(
                run.stderr().startsWith("jukvm: " + GUEST + ": device 'storage': the device is"),
                run.stderr());
        assertTrue(isUnchanged());
    }

    // A guest that writes where it may not fails, and the image stays what it was.
    @Test
    void shouldNotChangeAReadOnlyImageOfAGuestThatWantsToWrite() throws Exception {
        Files.setPosixFilePermissions(image, PosixFilePermissions.fromString("r--r--r--"));
        Command run = Command.run("run", attach() + ":ro", GUEST);
        assertEquals(1, run.status());
        assertTrue(run.stdout().contains("FAILURE"), run.stdout());
        assertTrue(isUnchanged());
    }

    @ParameterizedTest
    @CsvSource({"'', ''", "'', :ro", ":ro, ''"})
    void shouldRefuseAnImageInUseAndNameTheUser(String first, String second) throws Exception {
        try (Running user = holdImage(first)) {
            Command refused = Command.run("run", attach() + second, GUEST);
            assertEquals(1, refused.status());
            assertEquals("", refused.stdout());
            assertEquals(1, refused.stderr().lines().count(), refused.stderr());
            String fact = image + ": is in use by pid " + user.pid();
            assertTrue(refused.stderr().contains(fact), refused.stderr());
        }
        assertSuccess(Command.run("run", attach(), GUEST)); // A killed user holds nothing.
    }

    @Test
    void shouldShareAnImageThatNobodyWrites() throws Exception {
        try (Running user = holdImage(":ro")) {
            Command run = Command.run("run", attach() + ":ro", GUEST, "exits", "10");
            assertSuccess(run);
            assertTrue(user.isAlive());
        }
    }

    // A guest that has its disk and neither ends nor writes: it reads until it is killed.
    private Running holdImage(String suffix) throws IOException {
        Running user =
                Running.start("run", "--deadline=120s", attach() + suffix, GUEST, "exits 99999999");
        user.awaitLine("storage: " + CAPACITY + " bytes in blocks of 512");
        return user;
    }

    @ParameterizedTest
    @CsvSource({"none, false", "exit, false", "dsync, true"})
    void shouldOpenTheImageForTheDurabilityAskedFor(String mode, boolean dsync) throws Exception {
        String option = "--block-sync:storage=" + mode;
        try (Running guest =
                Running.start("run", "--deadline=120s", attach(), option, GUEST, "stamp")) {
            guest.awaitLine("ack 0 0");
            assertEquals(dsync, (openFlags(guest.pid()) & O_DSYNC) != 0);
        }
        assertSuccess(Command.run("run", attach(), option, GUEST));
    }

    private long openFlags(long pid) throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            for (Path fd : descriptors.toList()) {
                if (Files.isSymbolicLink(fd) && Files.readSymbolicLink(fd).equals(image)) {
                    Path info = Path.of("/proc/" + pid + "/fdinfo/" + fd.getFileName());
                    return Files.readAllLines(info).stream()
                            .filter(line -> line.startsWith("flags:"))
                            .mapToLong(line -> Long.parseLong(line.substring(6).trim(), 8))
                            .findFirst()
                            .orElseThrow();
                }
            }
        }
        throw new AssertionError("the image is not open");
    }

    // The guest is told of an error and the operator why; then it ends by itself.
    @Test
    void shouldTellOfAnImageThatWasTruncated() throws Exception {
        Running.Ended end;
        try (Running guest =
                Running.start("run", "--deadline=120s", attach(), GUEST, "exits", "99999999")) {
            guest.awaitLine("storage: " + CAPACITY + " bytes in blocks of 512");
            try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
                file.setLength(CAPACITY / 2);
            }
            end = guest.awaitEnd();
        }
        assertEquals(1, end.status());
        assertTrue(end.stdout().contains("a read was refused, block: 1024"), end.stdout());
        assertEquals(
                "jukvm: "
                        + GUEST
                        + ": device 'storage': "
                        + image
                        + ": pread of 512 bytes at offset 524288: the file ends at 524288 bytes;"
                        + " it was 1048576 when attached\n",
                end.stderr());
    }

    // As many blocks as fit are whole, and what the guest was not told is written need not be.
    @Test
    void shouldTellOfAFullDisk() throws Exception {
        Path mount = Files.createDirectory(folder.resolve("small"));
        assumeTrue(isMounted(mount), "cannot mount a tmpfs: not root, or not allowed to");
        try {
            Path sparse = mount.resolve("storage.img");
            try (RandomAccessFile file = new RandomAccessFile(sparse.toFile(), "rw")) {
                file.setLength(CAPACITY);
            }
            String option = "--block-sector-size:storage=4096";
            Command run = Command.run("run", "--block:storage=" + sparse, option, GUEST, "stamp");
            assertEquals(1, run.status());
            List<String> lines = run.stdout().lines().toList();
            assertTrue(lines.get(lines.size() - 1).contains("a write failed: 3"), run.stdout());
            assertEquals(1, run.stderr().lines().count(), run.stderr());
            assertTrue(run.stderr().contains(sparse + ": pwrite of 4096 bytes"), run.stderr());
            assertTrue(run.stderr().contains("ENOSPC"), run.stderr());
            long acknowledged = lines.stream().filter(line -> line.startsWith("ack ")).count();
            assertTrue(acknowledged > 10 && acknowledged < CAPACITY / 4096, run.stdout());
            Stamps.of(sparse, 4096).requireAll(acknowledged);
        } finally {
            sh("umount " + mount);
        }
    }

    private static boolean isMounted(Path mount) throws Exception {
        boolean mounted = sh("mount -t tmpfs -o size=256k tmpfs " + mount) == 0;
        if (!mounted && Required.names("root")) {
            throw new IllegalStateException("JUKVM_REQUIRE=root, but no tmpfs can be mounted");
        }
        return mounted;
    }

    private static int sh(String script) throws Exception {
        return new ProcessBuilder("sh", "-c", script + " 2>/dev/null").start().waitFor();
    }

    @Test
    void shouldReportWhatTheGuestDid() throws Exception {
        Path report = folder.resolve("report.json");
        Command run =
                Command.run(
                        "run", "--report=" + report, attach(), GUEST, "throughput", "2", "4096");
        assertSuccess(run);
        Map<String, String> json = CommandIT.read(report);
        assertEquals("512", json.get("/counters/hypercalls/block_write"));
        assertEquals("512", json.get("/counters/hypercalls/block_read"));
        assertEquals("512", json.get("/counters/blocks/storage/writes"));
        assertEquals("512", json.get("/counters/blocks/storage/reads"));
        assertEquals("2097152", json.get("/counters/blocks/storage/bytes_written"));
        assertEquals("2097152", json.get("/counters/blocks/storage/bytes_read"));
        assertEquals("0", json.get("/counters/blocks/storage/errors"));
        assertEquals("false", json.get("/counters/blocks/storage/flush_failed"));
    }

    @Test
    void shouldKeepTheBaseOfAnOverlay() throws Exception {
        try (Monitor monitor = Monitor.open();
                FileDisk base = FileDisk.openReadOnly(image.toString(), 512)) {
            OverlayDisk disk = OverlayDisk.over(base);
            GuestSpec guest =
                    GuestSpec.of(GuestImage.read(Path.of(GUEST)))
                            .memory(Run.MEMORY)
                            .deadline(Run.LONG)
                            .block("storage", disk);
            RunResult result = Run.run(monitor, guest);
            assertEquals(new Outcome.Exited(0), result.outcome());
        }
        assertArrayEquals(content, Files.readAllBytes(image));
    }
}
