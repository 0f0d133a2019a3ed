package jukvm.bench.idle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jukvm.bench.Main;
import jukvm.bench.Required;
import jukvm.bench.experiment.Running;
import jukvm.bench.experiment.Workplace;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The whole measurement, of so few guests that its figures mean nothing. */
final class IdleCommandIT {
    @TempDir private Path folder;

    @Test
    void shouldMeasureGuestsThatWait() throws Exception {
        Required.kvm();
        Workplace workplace = Workplace.make(Files.createDirectory(folder.resolve("place")));
        Running.Ended ended =
                Running.toEnd(workplace.line(Main.class, "idle", "--guests=100", "--booting=4"));
        assertEquals(0, ended.status(), ended.toString());
        List<String> lines = ended.stdout().lines().toList();
        assertEquals("guests", lines.get(0).replaceFirst(" +100$", ""), ended.toString());
        assertEquals(10, lines.size(), ended.toString());
        assertTrue(
                lines.stream().allMatch(line -> line.matches(".*  -?[0-9][0-9 .]*")),
                lines::toString);
    }

    @ParameterizedTest
    @CsvSource({"--guests=0, --guests: 0", "--booting=-1, --booting: -1"})
    void shouldRefuseTooFew(String option, String words) {
        StringWriter out = new StringWriter();
        PrintWriter writer = new PrintWriter(out, true);
        assertEquals(
                Main.FAILURE,
                Main.commandLine().setOut(writer).setErr(writer).execute("idle", option));
        assertTrue(out.toString().contains(words + " is less than 1"), out.toString());
    }
}
