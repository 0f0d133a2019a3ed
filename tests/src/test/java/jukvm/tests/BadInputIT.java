package jukvm.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Bad arguments and files, through the whole command: one line on stderr that says what is wrong,
 * nothing on stdout, status 1. What is wrong inside an image is tested where images are read.
 */
@RequiresKvm
final class BadInputIT {
    private static final String HELLO = Guests.prebuilt("hello.hvt").toString();

    @TempDir private static Path folder;

    /** A row: what is given, and what the one line must contain. */
    private static Arguments row(String id, List<String> arguments, String... facts) {
        return Arguments.of(id, arguments, List.of(facts));
    }

    static Stream<Arguments> rows() throws Exception {
        Path fifo = folder.resolve("fifo");
        new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor();
        Path empty = Files.write(folder.resolve("empty"), new byte[0]);
        Path image = Guests.prebuilt("hello.hvt");
        Path cut = Files.write(folder.resolve("cut"), head(image, 63));
        Path cutLate = Files.write(folder.resolve("cut-late"), head(image, 4200));
        Path gzip = Files.write(folder.resolve("gzip"), new byte[] {0x1f, (byte) 0x8b, 8, 0});
        return Stream.of(
                row("E01", List.of("run", folder + "/none"), "none", "No such file or directory"),
                row("E02", List.of("run", folder + ""), "is a directory, not a unikernel"),
                row("E03", List.of("run", fifo + ""), "not a regular file (FIFO)"),
                row("E05", List.of("run", empty + ""), "file is empty", "64 bytes"),
                row("E06", List.of("run", cut + ""), "63 bytes", "64"),
                row("E07", List.of("run", gzip + ""), "not an ELF file", "1f 8b", "gzip"),
                row("E10", List.of("run", "/bin/sh"), "position-independent", "ET_EXEC"),
                row("N08", List.of("run", cutLate + ""), "PT_NOTE", "outside the file", "4200"),
                row("C02", List.of("run", "--mem=0", HELLO), "--mem", "0"),
                row("C02", List.of("run", "--mem=-1", HELLO), "'-1'"),
                row("C02", List.of("run", "--mem=1e3", HELLO), "'1e3'"),
                row("C02", List.of("run", "--mem=512M", HELLO), "'512M'"),
                row("C02", List.of("run", "--mem=4097", HELLO), "4296015872", "4294967296"),
                row("C02", List.of("run", "--mem=17592186044416", HELLO), "4294967296"),
                row("C02", List.of("run", "--mem=" + "9".repeat(20), HELLO), "4294967296"),
                row("C02", List.of("run", "--mem"), "--mem"),
                row(
                        "C02",
                        List.of("run", "--mem=2048", Guests.prebuilt("hello.ukvm") + ""),
                        "2048 MiB",
                        "1024 MiB"),
                row("C12", List.of("run", HELLO, "x".repeat(8192)), "8192", "8191"),
                row("C13", List.of("run", "--rings", "3", HELLO), "'--rings'", "--ring"),
                row("C13", List.of("run", "--mem=2", "--mem=4", HELLO), "--mem", "once"),
                row("C13", List.of("run"), "GUEST"),
                row("C13", List.of(), "COMMAND"),
                row("C13", List.of("rum", HELLO), "'rum'"),
                row("C13", List.of("inspect"), "GUEST"),
                row("C13", List.of("run", "--ring", "1", HELLO), "'1'", "0 or 3"),
                row("C19", List.of("run", "--report", "/none/r", HELLO), "/none/r", "--report"),
                row("C20", List.of("run", "--deadline", "0s", HELLO), "'0s'"),
                row("C20", List.of("run", "--deadline", "-1s", HELLO), "'-1s'"),
                row("C20", List.of("run", "--deadline", "1e30", HELLO), "'1e30'"),
                row("C20", List.of("run", "--deadline", "9".repeat(18) + "h", HELLO), "year"),
                row("C20", List.of("run", "--deadline", "5", HELLO), "'5'", "200ms"));
    }

    private static byte[] head(Path file, int bytes) throws Exception {
        return java.util.Arrays.copyOf(Files.readAllBytes(file), bytes);
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("rows")
    void shouldSayWhatIsWrongInOneLine(String id, List<String> arguments, List<String> facts)
            throws Exception {
        Command run = Command.run(arguments.toArray(String[]::new));
        assertEquals("", run.stdout());
        assertEquals(1, run.stderr().lines().count(), run.stderr());
        assertTrue(run.stderr().startsWith("jukvm: "), run.stderr());
        for (String fact : facts) {
            assertTrue(run.stderr().contains(fact), () -> fact + " in " + run.stderr());
        }
        assertEquals(1, run.status());
    }

    // Root may open anything, unless it gives up the capability to.
    private static final String WITHOUT_OVERRIDE =
            "exec setpriv --inh-caps=-dac_override,-dac_read_search"
                    + " --bounding-set=-dac_override,-dac_read_search \"$@\"";

    @Test
    void shouldSayThatAnImageIsNotPermitted() throws Exception {
        assumeTrue(isRoot(), "needs root, to take a capability away");
        Path image = Files.copy(Guests.prebuilt("hello.hvt"), folder.resolve("forbidden"));
        Command run =
                Command.shell("chmod 0 " + image + "; " + WITHOUT_OVERRIDE, "run", image + "");
        assertEquals(
                "jukvm: " + image + ": cannot open: EACCES (Permission denied)\n", run.stderr());
        assertEquals(1, run.status());
    }

    @Test
    void shouldSayThatKvmIsNotPermittedAndWhatToDo() throws Exception {
        assumeTrue(isRoot(), "needs root, to put another file in the place of /dev/kvm");
        boolean canMount = Command.shell("unshare --mount true").status() == 0;
        assumeTrue(canMount, "needs a mount namespace, which a change of root prevents");
        Path device = Files.createFile(folder.resolve("kvm"));
        Command run =
                Command.shell(
                        "chmod 0 "
                                + device
                                + "; exec unshare --mount sh -c 'mount --bind "
                                + device
                                + " /dev/kvm && "
                                + WITHOUT_OVERRIDE
                                + "' sh \"$@\"",
                        "run",
                        HELLO);
        assertTrue(
                run.stderr().startsWith("jukvm: /dev/kvm: open: EACCES (Permission denied). Add"),
                run.stderr());
        assertEquals(1, run.stderr().lines().count(), run.stderr());
        assertEquals(1, run.status());
    }

    private static boolean isRoot() {
        boolean root = System.getProperty("user.name", "").equals("root");
        if (!root && RequiresKvm.Required.names("root")) {
            throw new IllegalStateException("JUKVM_REQUIRE=root, but this user is not root");
        }
        return root;
    }
}
