package jukvm.junit;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import jukvm.error.JukvmException;
import jukvm.guest.Outcome;
import jukvm.guest.RunResult;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestRun;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.monitor.Recording;

/**
 * A guest that was recorded and has ended, done again.
 *
 * @param recording file of its run
 * @param deadline of either run
 */
record ReplayedGuest(Monitor monitor, GuestImage image, Path recording, Duration deadline) {
    /**
     * Returns in a line whether it does the same again.
     *
     * @param first how it ended when it was recorded
     * @param printed what it printed then
     */
    String compared(RunResult first, ConsoleText printed) {
        try (Recording opened = Recording.open(recording)) {
            ConsoleText again = new ConsoleText();
            GuestSpec guest = GuestSpec.of(opened, image).deadline(deadline).console(again);
            Outcome outcome;
            try (GuestRun run = monitor.start(guest)) {
                outcome = run.result().join().outcome();
            }
            if (!Arrays.equals(printed.bytes(), again.bytes())) {
                return "prints something else, and ends: " + outcome.message();
            }
            // One that was stopped is stopped again where it was told something last.
            boolean isSame =
                    outcome.equals(first.outcome()) || outcome.equals(new Outcome.Cancelled());
            return isSame
                    ? "does the same again, with " + opened.events() + " answers"
                    : "ends otherwise: " + outcome.message();
        } catch (CompletionException e) {
            return Objects.toString(e.getCause(), e.toString());
        } catch (JukvmException e) {
            return Objects.toString(e.getMessage(), e.toString());
        }
    }
}
