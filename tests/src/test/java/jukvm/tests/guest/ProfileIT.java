package jukvm.tests.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import jukvm.tests.support.Command;
import jukvm.tests.support.DaemonFixture;
import jukvm.tests.support.DebugGuests;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.RequiresProgram;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where guests that have symbols spend their time, at both rings. */
@RequiresKvm
@RequiresProgram(
        value = {"gcc", "make"},
        byRoot = false)
final class ProfileIT {
    private static final String WORK = " exits.hvt calls=20000";
    private static final Pattern CODE = Pattern.compile("guest_main|clock_wall");

    @TempDir private static Path folder = Path.of("");

    @BeforeAll
    static void build() throws Exception {
        DebugGuests.build(folder, List.of("exits.hvt", "time.hvt"));
    }

    private static Command run(String options) throws Exception {
        return DaemonFixture.quick("cd \"$1\" && $J run " + options, folder.toString());
    }

    private static long samples(Path profile) throws Exception {
        long sum = 0;
        for (String line : Files.readAllLines(profile)) {
            assertTrue(line.matches("[^ ]+ [0-9]+"), line);
            sum += Long.parseLong(line.substring(line.indexOf(' ') + 1));
        }
        return sum;
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 0})
    void shouldSeeWhereAGuestIs(int ring) throws Exception {
        long start = System.nanoTime();
        Command run = run("--ring=" + ring + " --profile=1000,out." + ring + WORK);
        long millis = (System.nanoTime() - start) / 1_000_000;
        assertEquals(0, run.status(), run.toString());
        Path profile = folder.resolve("out." + ring);
        String folded = Files.readString(profile);
        assertTrue(CODE.matcher(folded).find(), folded);
        // A tick is of the clock, whatever the guest does: fewer only if it was late at the end.
        assertTrue(samples(profile) > 5 && samples(profile) <= millis + 1, millis + ": " + folded);
    }

    @Test
    void shouldSeeWhereAGuestWaits() throws Exception {
        assertEquals(0, run("--profile=1000,time.folded time.hvt").status());
        String folded = Files.readString(folder.resolve("time.folded"));
        assertTrue(folded.contains(";[monitor] "), folded);
    }

    @Test
    void shouldWriteWhatPprofReads() throws Exception {
        assertEquals(0, run("--profile=1000,out.pb.gz" + WORK).status());
        byte[] zipped = Files.readAllBytes(folder.resolve("out.pb.gz"));
        byte[] profile = new GZIPInputStream(new ByteArrayInputStream(zipped)).readAllBytes();
        String text = new String(profile, StandardCharsets.ISO_8859_1);
        assertTrue(CODE.matcher(text).find() && text.contains("nanoseconds"), text);
    }
}
