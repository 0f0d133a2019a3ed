package jukvm.tests.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jukvm.tests.support.Command;
import jukvm.tests.support.DaemonFixture;
import jukvm.tests.support.Guests;
import jukvm.tests.support.RequiresKvm;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The names by which orchestrators look for the tender of one ABI. */
@RequiresKvm
final class TenderNamesIT {
    @ParameterizedTest
    @CsvSource({
        "1, hello.v1.hvt, ''",
        "2, hello.hvt, ''",
        "1, hello.hvt, Executable requests unsupported ABI version 2",
        "2, hello.v1.hvt, Executable requests unsupported ABI version 1",
        "1, hello.v03.ukvm, No Solo5 ABI information found in executable",
        "2, hello.ukvm, No Solo5 ABI information found in executable"
    })
    void shouldRunGuestsOfTheAbiInItsName(int abi, String guest, String refusal) throws Exception {
        String name = "solo5-hvt." + abi;
        String version = DaemonFixture.quick("exec $S." + abi + " --version").stderr();
        assertTrue(version.startsWith(name + " tender, version v"), version);
        assertTrue(version.endsWith("\nABI version " + abi + "\n"), version);
        String image = Guests.prebuilt(guest).toString();
        Command run = DaemonFixture.quick("exec $S." + abi + " --mem=16 -- \"$1\" a", image);
        String line = name + ": " + image + ": " + refusal + "\n";
        assertEquals(refusal.isEmpty() ? "" : line, run.stderr());
        assertEquals(refusal.isEmpty() ? 0 : 1, run.status());
        assertEquals(refusal.isEmpty(), run.stdout().endsWith("command line: a\n"));
    }
}
