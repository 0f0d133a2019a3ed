package jukvm.tests.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import jukvm.tests.support.BackgroundCommand;
import jukvm.tests.support.Command;
import jukvm.tests.support.Guests;
import jukvm.tests.support.Launcher;
import jukvm.tests.support.RequiresKvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What signals do to a run that has a JVM of its own: nothing but a guest's bytes on stdout. */
@RequiresKvm
final class LauncherSignalsIT {
    private static final String SPIN = Guests.prebuilt("spin.hvt").toString();
    private final Path script = Launcher.common();

    private static void send(String signal, BackgroundCommand to) throws Exception {
        String[] kill = {"sh", "-c", "kill -" + signal + " " + to.pid()};
        assertEquals(0, new ProcessBuilder(kill).start().waitFor());
    }

    private BackgroundCommand begin(String... words) throws Exception {
        return BackgroundCommand.start(List.of(words));
    }

    @ParameterizedTest
    @ValueSource(strings = {"QUIT", "INT", "TERM", "HUP"})
    void shouldStopTheGuest(String signal) throws Exception {
        try (BackgroundCommand run = begin(script.toString(), "run", SPIN)) {
            run.awaitOutput("spinning");
            send(signal, run);
            assertEquals(
                    new Command(
                            1, "spinning\n", "jukvm: " + SPIN + ": guest stopped by a signal\n"),
                    run.await());
        }
    }

    @Test
    void shouldStopTheGuestOfSolo5Hvt() throws Exception {
        Path tender = script.resolveSibling("solo5-hvt");
        try (BackgroundCommand run = begin(tender.toString(), SPIN)) {
            run.awaitOutput("spinning");
            send("QUIT", run);
            assertEquals(
                    new Command(1, "spinning\n", "solo5-hvt: Exiting on a signal\n"), run.await());
        }
    }

    // Of those that are blocked at first, as by a Java program, one that comes early is kept.
    @Test
    void shouldNotLoseOneThatComesEarly() throws Exception {
        try (BackgroundCommand run = begin(script.toString(), "run", SPIN)) {
            send("QUIT", run);
            Command ended = run.await();
            assertTrue(ended.status() == 1 || ended.status() == 128 + 3, ended::toString);
            assertTrue("spinning\n".startsWith(ended.stdout()), ended::toString);
            assertTrue(ended.stderr().lines().count() <= 1, ended::toString);
        }
    }

    @ParameterizedTest
    @CsvSource({"USR1, 10", "USR2, 12", "ALRM, 14"})
    void shouldEndAsOtherProgramsDo(String signal, int number) throws Exception {
        try (BackgroundCommand run = begin(script.toString(), "run", SPIN)) {
            run.awaitOutput("spinning");
            send(signal, run);
            assertEquals(new Command(128 + number, "spinning\n", ""), run.await());
        }
    }
}
