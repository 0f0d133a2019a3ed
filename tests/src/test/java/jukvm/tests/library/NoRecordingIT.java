package jukvm.tests.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import jukvm.tests.support.Command;
import jukvm.tests.support.Guests;
import jukvm.tests.support.RequiresKvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who does not record does not pay for the flight recorder, nor need it at all. */
@RequiresKvm
final class NoRecordingIT {
    private static final String LOAD = "[class,load] ";
    private static final String HELLO = Guests.prebuilt("hello.hvt").toString();

    /** The classes of the recorder and of what knows it, as a JVM logs their loading. */
    private static Set<String> loaded(Command command) {
        Set<String> loaded = new TreeSet<>();
        for (String line : command.stdout().lines().toList()) {
            int start = line.indexOf(LOAD);
            if (start >= 0) {
                String name = line.substring(start + LOAD.length()).split(" ", 2)[0];
                if (name.startsWith("jdk.jfr.")
                        || name.startsWith("jukvm.") && name.contains("Event")) {
                    loaded.add(name);
                }
            }
        }
        return loaded;
    }

    private static Command run(String... options) throws Exception {
        Command command =
                Command.withOptions(
                        List.of(options), "run", "--mem=16", "--ring=3", HELLO, "Hello");
        assertEquals(0, command.status(), command.stderr());
        assertTrue(command.stdout().contains("command line: Hello"), command.stdout());
        return command;
    }

    @Test
    void shouldLoadNothingOfTheRecorderButTheClassThatIsAsked() throws Exception {
        assertEquals(Set.of("jdk.jfr.FlightRecorder"), loaded(run("-Xlog:class+load=info:stdout")));
    }

    @Test
    void shouldLoadTheEventsIfTheCommandIsRecorded(@TempDir Path folder) throws Exception {
        Set<String> loaded =
                loaded(
                        run(
                                "-Xlog:class+load=info:stdout",
                                "-XX:StartFlightRecording:filename=" + folder.resolve("run.jfr")));
        assertTrue(loaded.contains("jukvm.telemetry.StartEvent"), loaded.toString());
        assertTrue(loaded.contains("jukvm.telemetry.EndEvent"), loaded.toString());
        assertTrue(loaded.size() > 100, loaded.toString());
    }

    @Test
    void shouldRunWithoutTheModuleOfTheRecorder() throws Exception {
        Command command =
                run("-Xlog:class+load=info:stdout", "--limit-modules=java.logging,jdk.unsupported");
        assertEquals(Set.of(), loaded(command));
    }
}
