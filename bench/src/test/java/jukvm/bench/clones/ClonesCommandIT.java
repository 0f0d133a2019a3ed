package jukvm.bench.clones;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import jukvm.bench.Main;
import jukvm.bench.Required;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The whole measurement, so short that its figures mean nothing. */
final class ClonesCommandIT {
    private final StringWriter out = new StringWriter();

    private int run(String... words) {
        PrintWriter writer = new PrintWriter(out, true);
        CommandLine line = Main.commandLine().setOut(writer).setErr(writer);
        return line.execute(words);
    }

    @Test
    void shouldMeasureEachWay() {
        Required.kvm();
        Required.passt();
        assertEquals(0, run("clones", "--starts=10"), out.toString());
        List<String> lines = out.toString().lines().toList();
        assertEquals(4, lines.size(), out.toString());
        for (String way : List.of("library", "command with its daemon", "command alone")) {
            assertTrue(
                    lines.stream().anyMatch(line -> line.matches(way + " +10( +[0-9.,]+){3}")),
                    out.toString());
        }
    }

    @Test
    void shouldRefuseTooFew() {
        assertEquals(Main.FAILURE, run("clones", "--starts=9"));
        assertTrue(out.toString().contains("--starts: 9 is less than 10"), out.toString());
    }
}
