package jukvm.tests.leak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import jukvm.tests.support.Command;
import jukvm.tests.support.Patience;
import jukvm.tests.support.RequiresKvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A start of which any one call fails ends cleanly, with a line that says why. */
@RequiresKvm
final class FaultyStartsIT {
    private static final Duration LONG = Patience.of(Duration.ofMinutes(10));

    // In place of the second binding: the product has no way to be given a third.
    private static final String SECOND =
            "package jukvm.libc; final class JnrLibc extends FaultyLibc {}";

    @TempDir private Path folder;

    private List<String> line() throws Exception {
        Path source = Files.writeString(folder.resolve("JnrLibc.java"), SECOND);
        String here = System.getProperty("java.class.path");
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        String[] options = {"-proc:none", "-cp", here, "-d", folder + "", source + ""};
        assertEquals(0, compiler.run(null, null, null, options));
        List<String> line =
                new ArrayList<>(Command.mainLine(FaultyStarts.class, List.of("-Xmx256m")));
        int classPath = line.indexOf("-cp") + 1;
        line.set(classPath, folder + File.pathSeparator + here);
        line.add(classPath - 1, "-Djukvm.native=jnr");
        return line;
    }

    @Test
    void shouldEndCleanlyWhicheverCallFails() throws Exception {
        Command run = Command.program(LONG, Map.of(), line().toArray(String[]::new));
        assertEquals("", run.stderr());
        List<String> lines = run.stdout().lines().toList();
        assertEquals(1, lines.size(), run.stdout());
        assertTrue(lines.get(0).matches("[0-9]{3,} trials of .*told=[0-9]+.*"), lines.get(0));
        assertEquals(0, run.status());
    }
}
