package jukvm.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.List;
import jukvm.examples.AgainAndAgain;
import jukvm.examples.ThousandGuests;
import org.junit.jupiter.api.Test;

/** A heap of 64 MiB is enough for a thousand guests, one after another or side by side. */
@RequiresKvm
final class SmallHeapIT {
    private static final List<String> SMALL = List.of("-Xmx64m");
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final String HELLO = Guests.prebuilt("hello.hvt").toString();

    private static void assertPrints(String expected, Command example) {
        assertEquals("", example.stderr());
        assertEquals(expected, example.stdout());
        assertEquals(0, example.status());
    }

    @Test
    void shouldRunAThousandGuestsOneAfterAnother() throws Exception {
        assertPrints("OK\n", Command.main(AgainAndAgain.class, PATIENCE, SMALL, HELLO, "1000"));
    }

    @Test
    void shouldRunAThousandGuestsSideBySide() throws Exception {
        assertPrints(
                "1000 ended well side by side\n1000 ended well by turns\n",
                Command.main(ThousandGuests.class, PATIENCE, SMALL, HELLO));
    }
}
