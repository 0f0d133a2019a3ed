package jukvm.tests.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import jukvm.device.Console;
import jukvm.device.ConsoleCapture;
import jukvm.error.JukvmException;
import jukvm.guest.Outcome;
import jukvm.guest.OutcomeKind;
import jukvm.guest.PrivilegeMode;
import jukvm.guest.RunResult;
import jukvm.guest.SnapshotPoint;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.monitor.Snapshot;
import jukvm.tests.support.Guests;
import jukvm.tests.support.Patience;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Run;
import jukvm.tests.support.Soak;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Files whose sums are right and whose registers are whatever came: each is refused, or a guest
 * like any other, and the next guest of the monitor finds nothing of it.
 */
@RequiresKvm
@Soak
final class HostileSnapshotIT {
    private static final long SEED = Long.getLong("jukvm.seed", System.nanoTime());
    private static final int FILES =
            Integer.getInteger("jukvm.soak.files", Soak.LONG ? 5000 : Patience.fewer(100));
    private static final int BEGINNING = 32;
    private static final int SECTIONS = 11;

    // Numbers, general, special, vector and model-specific registers.
    private static final int[] EDITED = {0, 5, 6, 7, 8};
    private static final long[] VALUES = {
        0, 1, -1, 0x1000, 0x1f80, 1L << 47, 1L << 63, 0xffffffffL, 0x200000, 0x2000
    };

    private final Random random = new Random(SEED);

    /** Returns the file with some words of some sections exchanged. */
    private byte[] edited(byte[] file) {
        ByteBuffer at = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        int head = (int) at.getLong(16);
        byte[] changed = file.clone();
        List<Integer> starts = new ArrayList<>();
        List<Integer> lengths = new ArrayList<>();
        at.position(BEGINNING);
        for (int i = 0; i < SECTIONS; i++) {
            int length = at.getInt();
            starts.add(at.position());
            lengths.add(length);
            int end = at.position() + length;
            at.position(end + Math.floorMod(-end, Long.BYTES));
        }
        ByteBuffer out = ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            int section = EDITED[random.nextInt(EDITED.length)];
            int words = lengths.get(section) / Long.BYTES;
            if (words > 0) {
                int place = starts.get(section) + random.nextInt(words) * Long.BYTES;
                out.putLong(place, value(out.getLong(place)));
            }
        }
        CRC32C sum = new CRC32C();
        sum.update(Arrays.copyOfRange(changed, 16, head));
        out.putInt(12, (int) sum.getValue());
        return changed;
    }

    private long value(long old) {
        return switch (random.nextInt(3)) {
            case 0 -> VALUES[random.nextInt(VALUES.length)];
            case 1 -> old ^ 1L << random.nextInt(Long.SIZE);
            default -> random.nextLong();
        };
    }

    @ParameterizedTest
    @EnumSource(
            value = PrivilegeMode.class,
            names = {"RING_0", "RING_3"})
    void shouldRunOrRefuseWhateverRegistersAFileHas(PrivilegeMode ring, @TempDir Path folder)
            throws Exception {
        GuestSpec hello =
                GuestSpec.of(GuestImage.read(Guests.prebuilt("hello.hvt")))
                        .memory(16L << 20)
                        .privilege(ring)
                        .deadline(Run.LONG);
        Path good = folder.resolve("good");
        Path hostile = folder.resolve("hostile");
        ConsoleCapture whole = Console.capture(1 << 16);
        try (Monitor monitor = Monitor.open()) {
            Run.run(monitor, hello.console(whole));
            try (Snapshot snapshot = monitor.snapshot(hello, SnapshotPoint.afterHypercalls(0))) {
                snapshot.write(good);
            }
            byte[] file = Files.readAllBytes(good);
            for (int i = 0; i < FILES; i++) {
                Files.write(hostile, edited(file));
                run(monitor, hostile);
                ConsoleCapture console = Console.capture(1 << 16);
                RunResult next = Run.run(monitor, hello.console(console));
                assertEquals(new Outcome.Exited(0), next.outcome(), "seed " + SEED);
                assertEquals(whole.text(), console.text(), "seed " + SEED);
            }
        }
    }

    private static void run(Monitor monitor, Path file) throws InterruptedException {
        try (Snapshot snapshot = monitor.openSnapshot(file)) {
            GuestSpec clone = GuestSpec.of(snapshot).deadline(Duration.ofMillis(100));
            RunResult result = monitor.run(clone.consoleBytes(1 << 16));
            assertNotEquals(OutcomeKind.CANCELLED, result.outcome().kind(), "seed " + SEED);
        } catch (JukvmException e) {
            assertEquals(1, e.getMessage().lines().count(), "seed " + SEED);
        }
    }
}
