package jukvm.tests.project;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import jukvm.tests.support.Command;
import jukvm.tests.support.Guests;
import jukvm.tests.support.RequiresKvm;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A heap of 64 MiB is enough for a thousand guests, one after another or side by side. */
@RequiresKvm
final class SmallHeapIT {
    private static final List<String> SMALL = List.of("-Xmx64m");
    private static final String HELLO = Guests.prebuilt("hello.hvt").toString();

    @TempDir private static Path classes;

    @BeforeAll
    static void compile() throws IOException {
        Newcomer.compileExamples(classes);
    }

    private static void assertPrints(String expected, Command example) {
        assertEquals("", example.stderr());
        assertEquals(expected, example.stdout());
        assertEquals(0, example.status());
    }

    @Test
    void shouldRunAThousandGuestsOneAfterAnother() throws Exception {
        assertPrints("OK\n", Newcomer.example(classes, SMALL, "AgainAndAgain", HELLO, "1000"));
    }

    @Test
    void shouldRunAThousandGuestsSideBySide() throws Exception {
        assertPrints(
                "1000 ended well side by side\n1000 ended well by turns\n",
                Newcomer.example(classes, SMALL, "ThousandGuests", HELLO));
    }
}
