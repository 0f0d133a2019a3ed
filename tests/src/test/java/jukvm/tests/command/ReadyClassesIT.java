package jukvm.tests.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import jukvm.tests.support.Command;
import jukvm.tests.support.Guests;
import jukvm.tests.support.Launcher;
import jukvm.tests.support.LoadedClasses;
import jukvm.tests.support.RequiresKvm;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What people run most has its classes ready-made. */
@RequiresKvm
final class ReadyClassesIT {
    @TempDir private Path folder;

    @ParameterizedTest
    @CsvSource({
        "0, run $G/hello.ukvm",
        "0, run $G/hello.hvt",
        "0, run --time --report=$F/report $G/hello.hvt",
        "0, run --block:storage=$F/disk $G/block.hvt",
        "7, run $G/hello.hvt exit=7"
    })
    void shouldHaveThemReady(int status, String words) throws Exception {
        Files.write(folder.resolve("disk"), new byte[1 << 20]);
        Path log = folder.resolve("classes");
        String run =
                (LoadedClasses.into(log) + " exec $J " + words + " >$F/out")
                        .replace("$G", Guests.ROOT.resolve("guest-images/prebuilt").toString())
                        .replace("$F", folder.toString())
                        .replace("$J", Launcher.common().toString());
        Command done = Command.sh(run);
        assertEquals(status, done.status(), done::toString);
        LoadedClasses.assertReady(log);
    }
}
