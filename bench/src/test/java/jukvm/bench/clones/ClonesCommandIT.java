package jukvm.bench.clones;

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
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole measurement, so short that its figures mean nothing. */
final class ClonesCommandIT {
    @TempDir private Path folder;

    @Test
    void shouldMeasureEachWay() throws Exception {
        Required.kvm();
        Required.passt();
        Assumptions.assumeTrue(Workplace.isCommandBuilt(), "the command is not built");
        Workplace workplace =
                Workplace.make(Files.createDirectory(folder.resolve("place"))).withCommand();
        Running.Ended ended = Running.toEnd(workplace.line(Main.class, "clones", "--starts=10"));
        assertEquals(0, ended.status(), ended.toString());
        List<String> lines = ended.stdout().lines().toList();
        assertEquals(4, lines.size(), ended.toString());
        for (String way : List.of("library", "command with its daemon", "command alone")) {
            assertTrue(
                    lines.stream().anyMatch(line -> line.matches(way + " +10( +[0-9.,]+){3}")),
                    ended.toString());
        }
    }

    @Test
    void shouldRefuseTooFew() {
        StringWriter out = new StringWriter();
        PrintWriter writer = new PrintWriter(out, true);
        assertEquals(
                Main.FAILURE,
                Main.commandLine().setOut(writer).setErr(writer).execute("clones", "--starts=9"));
        assertTrue(out.toString().contains("--starts: 9 is less than 10"), out.toString());
    }
}
