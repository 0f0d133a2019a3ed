package jukvm.tests.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import jukvm.tests.support.Command;
import jukvm.tests.support.DaemonFixture;
import jukvm.tests.support.Refusal;
import jukvm.tests.support.RequiresKvm;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots as OCI artifacts. */
@RequiresKvm
final class SnapshotArtifactIT {
    private static final int DAMAGES = 60;

    @TempDir private Path folder;

    @BeforeEach
    void take() throws Exception {
        Files.write(folder.resolve("disk"), new byte[1 << 20]);
        Command taken =
                DaemonFixture.quick(
                        "cd \"$1\" && $J snapshot --at=calls:1 --mem=16 --block:storage=disk"
                                + " -o Block.snap $G/block.hvt",
                        folder.toString());
        assertEquals("", taken.stderr());
    }

    private Command here(String... words) {
        return Command.here(folder, inFolder(words).toArray(String[]::new));
    }

    // Images are made by whoever asks for them, whose folder is that of these tests.
    private List<String> inFolder(String... words) {
        return Stream.of(words)
                .map(
                        word ->
                                word.matches(".*[.](snap|tar)")
                                        ? folder.resolve(word).toString()
                                        : word)
                .toList();
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    @Test
    void shouldBeTheFileAndWhatIsInIt() throws Exception {
        Command made = here("image", "build", "-o", "first.tar", "Block.snap");
        assertEquals("", made.stderr());
        assertTrue(made.stdout().matches("block:latest sha256:[0-9a-f]{64}\n"), made.stdout());
        assertEquals(made, here("image", "build", "-o", "second.tar", "Block.snap"));
        assertArrayEquals(
                Files.readAllBytes(folder.resolve("first.tar")),
                Files.readAllBytes(folder.resolve("second.tar")));
        byte[] snapshot = Files.readAllBytes(folder.resolve("Block.snap"));
        assertEquals(
                List.of(
                        "artifact  block:latest",
                        "id        " + made.stdout().split("[ \n]", -1)[1],
                        "snapshot  Block.snap, " + snapshot.length + " bytes",
                        "guest     hvt 2, 16 MiB of memory, ring 3",
                        "device    BLOCK_BASIC storage"),
                here("image", "inspect", "first.tar").stdout().lines().toList());
        // The blob is the snapshot, whoever unpacks it.
        String blob = "blobs/sha256/" + sha256(snapshot);
        Command run =
                DaemonFixture.quick(
                        "cd \"$1\" && tar -xf first.tar && $J run --block:storage=disk \"$2\"",
                        folder.toString(),
                        blob);
        assertEquals("", run.stderr());
        assertTrue(run.stdout().endsWith("SUCCESS\n"), run.stdout());
        String manifest =
                Files.readString(
                        folder.resolve("blobs/sha256/" + made.stdout().split("[:\n]", -1)[2]));
        for (String part :
                List.of(
                        "\"artifactType\":\"application/vnd.jukvm.snapshot.v1\"",
                        "\"org.opencontainers.image.title\":\"Block.snap\"",
                        "\"jukvm.snapshot.memory\":\"16777216\"",
                        "\"jukvm.device.storage\":\"BLOCK_BASIC\"",
                        // The descriptor of what is empty, as the specification has it.
                        "\"application/vnd.oci.empty.v1+json\"",
                        "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a")) {
            assertTrue(manifest.contains(part), manifest);
        }
    }

    @Test
    void shouldSayInALineWhatIsWrong() throws Exception {
        Refusal.row(
                        inFolder("image", "build", "-o", "x.tar", "Block.snap", "word"),
                        "Block.snap: is a snapshot, which has its guest's arguments, and no --type")
                .assertHere(folder);
        Refusal.row(
                        inFolder("image", "build", "-o", "x.tar", "--type=mirage", "Block.snap"),
                        "Block.snap: is a snapshot")
                .assertHere(folder);
        byte[] bytes = Files.readAllBytes(folder.resolve("Block.snap"));
        bytes[bytes.length - 1] ^= 1;
        Files.write(folder.resolve("bad.snap"), bytes);
        Refusal.row(
                        inFolder("image", "build", "-o", "x.tar", "bad.snap"),
                        "bad.snap: snapshot is damaged: checksum of its pages is wrong")
                .assertHere(folder);
    }

    // Any damage is found, or nothing that counts was damaged.
    @Test
    void shouldSurviveDamage() throws Exception {
        long seed = Long.getLong("jukvm.seed", System.nanoTime());
        Random random = new Random(seed);
        here("image", "build", "-o", "good.tar", "Block.snap");
        byte[] good = Files.readAllBytes(folder.resolve("good.tar"));
        List<String> told = here("image", "inspect", "good.tar").stdout().lines().toList();
        for (int i = 0; i < DAMAGES; i++) {
            byte[] bad = good.clone();
            int last = good.length - 16384; // Documents are there.
            int at = i % 2 == 0 ? random.nextInt(good.length) : last + random.nextInt(16384);
            bad[at] ^= (byte) (1 << random.nextInt(8));
            Files.write(folder.resolve("bad.tar"), bad);
            Command inspected = here("image", "inspect", "bad.tar");
            if (inspected.status() == 0) {
                // The first line has the name, which nothing names by its digest.
                assertEquals(
                        told.subList(1, told.size()),
                        inspected.stdout().lines().skip(1).toList(),
                        "-Djukvm.seed=" + seed);
            } else {
                assertEquals(1, inspected.stderr().lines().count(), "-Djukvm.seed=" + seed);
            }
        }
    }
}
