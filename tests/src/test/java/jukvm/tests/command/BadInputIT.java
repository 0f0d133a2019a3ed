package jukvm.tests.command;

import static jukvm.tests.support.Refusal.row;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import jukvm.tests.support.Command;
import jukvm.tests.support.Guests;
import jukvm.tests.support.Refusal;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Root;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Bad images, through the whole command. What is wrong inside an image is tested where images are
 * read.
 */
@RequiresKvm
final class BadInputIT {
    @TempDir private static Path folder;

    static Stream<Refusal> rows() throws Exception {
        Path fifo = folder.resolve("fifo");
        new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor();
        Path empty = Files.write(folder.resolve("empty"), new byte[0]);
        Path image = Guests.prebuilt("hello.hvt");
        Path cut = Files.write(folder.resolve("cut"), head(image, 63));
        Path cutLate = Files.write(folder.resolve("cut-late"), head(image, 4200));
        Path gzip = Files.write(folder.resolve("gzip"), new byte[] {0x1f, (byte) 0x8b, 8, 0});
        return Stream.of(
                row(List.of("run", folder + "/none"), "none", "No such file or directory"),
                row(List.of("run", folder + ""), "is a directory, not a unikernel"),
                row(List.of("run", fifo + ""), "not a regular file (FIFO)"),
                row(List.of("run", empty + ""), "file is empty", "64 bytes"),
                row(List.of("run", cut + ""), "63 bytes", "64"),
                row(List.of("run", gzip + ""), "gzip: cut off: 4 bytes are not all of it"),
                row(List.of("run", "/bin/sh"), "position-independent", "ET_EXEC"),
                row(List.of("run", cutLate + ""), "PT_NOTE", "outside the file", "4200"));
    }

    private static byte[] head(Path file, int bytes) throws Exception {
        return java.util.Arrays.copyOf(Files.readAllBytes(file), bytes);
    }

    @ParameterizedTest
    @MethodSource("rows")
    void shouldSayWhatIsWrongInOneLine(Refusal refusal) throws Exception {
        refusal.assertHere(folder);
    }

    static Stream<Refusal> first() throws Exception {
        return rows().limit(1);
    }

    @ParameterizedTest
    @MethodSource("first")
    void shouldSayItFromAProcessOfItsOwn(Refusal refusal) throws Exception {
        refusal.assertIn(folder);
    }

    // Root may open anything, unless it gives up the capability to.
    @Test
    void shouldSayThatAnImageIsNotPermitted() throws Exception {
        Root.assumeRoot();
        Path image = Files.copy(Guests.prebuilt("hello.hvt"), folder.resolve("forbidden"));
        Refusal.assertRefused(
                Command.shell("chmod 0 " + image + "; " + Root.WITHOUT_OVERRIDE, "run", image + ""),
                "jukvm: " + image + ": cannot open: EACCES (Permission denied)\n");
    }
}
