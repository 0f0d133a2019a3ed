package jukvm.tests.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import jukvm.tests.daemon.DaemonIT;
import jukvm.tests.support.Bent;
import jukvm.tests.support.Command;
import jukvm.tests.support.DaemonFixture;
import jukvm.tests.support.Guests;
import jukvm.tests.support.Launcher;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Run;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The command under the name solo5-hvt: what users and test suites of that tender rely on. That it
 * says the same in a JVM of its own is for {@link DaemonIT}.
 */
@RequiresKvm
final class Solo5HvtIT {
    private static final String HELLO = Guests.prebuilt("hello.hvt").toString();
    private static final String BLOCK = Guests.prebuilt("block.hvt").toString();
    private static final String ECHO = Guests.prebuilt("echo.hvt").toString();
    private static final String USAGE =
            "usage: solo5-hvt [ CORE OPTIONS ] [ MODULE OPTIONS ] [ -- ] KERNEL [ ARGS ]";

    @TempDir private static Path folder;

    @BeforeAll
    static void makeFiles() throws Exception {
        disk("disk", 16384);
        disk("empty", 0);
        disk("of-256", 256);
        disk("of-1563", 1563);
        disk("of-6144", 6144);
        Files.createDirectory(folder.resolve("directory"));
    }

    private static void disk(String name, int bytes) throws Exception {
        Files.write(folder.resolve(name), new byte[bytes]);
    }

    private static List<String> line(String... arguments) {
        List<String> line = new ArrayList<>(Command.line(arguments));
        line.add(1, "-Djukvm.as=solo5-hvt");
        return line;
    }

    /** Runs a shell script in which "$@" is the command line, in a JVM of its own. */
    private static Command shell(String script, String... arguments) throws Exception {
        return Command.shell(
                "java=$1; shift; set -- \"$java\" -Djukvm.as=solo5-hvt \"$@\"; " + script,
                arguments);
    }

    /** Runs the command in the folder of files. */
    private static Command run(String... arguments) throws Exception {
        return DaemonFixture.quick("cd '" + folder + "'; exec $S \"$@\"", arguments);
    }

    private static void assertSays(Command run, int status, String... lines) {
        assertEquals("", run.stdout());
        assertEquals(List.of(lines), run.stderr().lines().toList());
        assertEquals(status, run.status());
    }

    // Lines, and the usage after them.
    private static void assertUsage(Command run, String... lines) {
        List<String> said = run.stderr().lines().toList();
        int usage = said.indexOf(USAGE);
        assertEquals(List.of(lines), said.subList(0, Math.max(usage, 0)), run.stderr());
        assertTrue(said.contains("Compiled-in modules: core block net "), run.stderr());
        assertTrue(said.stream().allMatch(line -> line.length() <= 80), run.stderr());
        assertEquals("", run.stdout());
        assertEquals(1, run.status());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--help",
                "--help KERNEL",
                "--bad --help",
                "--mem=abc --block:none=x --help none",
                "--help --version"
            })
    void shouldHelpBeforeAllElse(String line) throws Exception {
        assertUsage(run(line.split(" ", -1)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"--version", "--version KERNEL", "--bad --version", "--mem=0 --version"})
    void shouldSayItsVersion(String line) throws Exception {
        Command run = run(line.split(" ", -1));
        assertEquals(0, run.status());
        assertEquals("", run.stdout());
        assertTrue(
                run.stderr().matches("solo5-hvt tender, version v[0-9.]+\nABI version 2\n"),
                run.stderr());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "--", "--mem=8", "--mem=8 --", "--bad"})
    void shouldNeedAKernel(String line) throws Exception {
        String[] words = line.isEmpty() ? new String[0] : line.split(" ", -1);
        assertUsage(run(words), "solo5-hvt: Missing KERNEL operand");
    }

    @ParameterizedTest
    @CsvSource({
        "HELLO, ''",
        "HELLO a b, a b",
        "-- HELLO a, a",
        "--mem=8 -- HELLO -- a, -- a",
        "HELLO --help --version --mem=0, --help --version --mem=0",
        "HELLO --block:none=x -- --net, --block:none=x -- --net",
        "--mem=512M HELLO, ''",
        "--mem=8 --mem=2 HELLO, ''"
    })
    void shouldPassOnWhatComesAfterTheKernel(String line, String arguments) throws Exception {
        Command run = run(line.replace("HELLO", HELLO).split(" ", -1));
        assertEquals("", run.stderr());
        assertTrue(run.stdout().endsWith("\ncommand line: " + arguments + "\n"), run.stdout());
        assertEquals(0, run.status());
    }

    @ParameterizedTest
    @CsvSource({"1, 2097152", "3, 2097152", "4097, 4294967296"})
    void shouldRoundMemoryDown(String mebibytes, String bytes) throws Exception {
        Command run = run("--mem=" + mebibytes, HELLO);
        assertEquals("solo5-hvt: adjusting memory to " + bytes + " bytes\n", run.stderr());
        assertEquals(0, run.status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "", "abc", "M", "-0", "0x10", "17592186044416"})
    void shouldNeedANumberOfMebibytes(String word) throws Exception {
        assertSays(run("--mem=" + word, HELLO), 1, "solo5-hvt: Malformed argument to --mem");
    }

    @ParameterizedTest
    @CsvSource({"5000, 5242880000", "-2, 18446744073707454464"})
    void shouldLimitMemory(String mebibytes, String bytes) throws Exception {
        assertSays(
                run("--mem=" + mebibytes, HELLO),
                1,
                "solo5-hvt: guest memory size "
                        + bytes
                        + " bytes exceeds the max size 4294967296 bytes");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--bad",
                "-",
                "-h",
                "--mem",
                "--disk=disk",
                "--block=disk",
                "--block:storage=",
                "--block:sto-rage=disk",
                "--net-pcap:service0=x",
                "--gdb"
            })
    void shouldNotKnowOtherOptions(String option) throws Exception {
        assertUsage(run(option, BLOCK), "solo5-hvt: Invalid option: `" + option + "'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--block:foo=disk", "--net:storage=tap0", "--block-sector-size:x=512"})
    void shouldNotAttachWhatIsNotDeclared(String option) throws Exception {
        String name = option.substring(option.indexOf(':') + 1, option.indexOf('='));
        assertUsage(
                run(option, BLOCK),
                "solo5-hvt: Resource not declared in manifest: '" + name + "'",
                "solo5-hvt: Invalid option: `" + option + "'");
    }

    @Test
    void shouldNeedEveryDeclaredDevice() throws Exception {
        Path guest = Bent.withDisks(2).write(folder.resolve("two.hvt"));
        String last = "solo5-hvt: All declared devices must be attached. See --help for syntax.";
        String first =
                "solo5-hvt: Device 'storage0' of type BLOCK_BASIC declared but not attached.";
        assertSays(run("--block:storage1=disk", guest + ""), 1, first, last);
        assertSays(run(guest + ""), 1, first, first.replace('0', '1'), last);
        assertSays(
                run(ECHO),
                1,
                "solo5-hvt: Device 'service0' of type NET_BASIC declared but not attached.",
                last);
    }

    // The images of Solo5's own tests, and the phrases they look for.
    @ParameterizedTest
    @CsvSource({
        "of-6144, 4096, Backing storage size must be block aligned (4096 bytes)",
        "of-1563, 521, Block size must be a multiple of 2",
        "of-256, 256, Block size must be a multiple of 2 greater than or equal 512",
        "disk, 66048, Block size must be a multiple of 2 greater than or equal 512",
        "empty, 512, Backing storage must be at least 1 block (512 bytes) in size",
        "none, 512, Could not open block device: none: ",
        "directory, 512, Could not open block device: directory: "
    })
    void shouldRefuseADisk(String path, String sectors, String phrase) throws Exception {
        Command run =
                run("--block-sector-size:storage=" + sectors, "--block:storage=" + path, BLOCK);
        assertEquals("", run.stdout());
        assertTrue(run.stderr().startsWith("solo5-hvt: "), run.stderr());
        assertTrue(run.stderr().lines().findFirst().orElse("").contains(phrase), run.stderr());
        assertEquals(1, run.status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"none0", "lo", "tap%d", "../x", "abcdefghijklmnop", "@x", "@999", "@1"})
    void shouldRefuseAnInterface(String name) throws Exception {
        Command run = run("--net:service0=" + name, ECHO);
        assertEquals("", run.stdout());
        String phrase = "solo5-hvt: Could not attach interface: " + name + ": ";
        assertTrue(run.stderr().startsWith(phrase), run.stderr());
        assertEquals(1, run.stderr().lines().count(), run.stderr());
        assertEquals(1, run.status());
    }

    @Test
    void shouldGiveAGuestItsDisk() throws Exception {
        Command run = run("--block:storage=disk", "--block-sector-size:storage=4096", BLOCK);
        assertEquals("", run.stderr());
        assertTrue(run.stdout().contains("storage: 16384 bytes in blocks of 4096"), run.stdout());
        assertEquals(0, run.status());
    }

    private static Arguments bad(String what, Bent image, String phrase) {
        return Arguments.of(what, image, phrase);
    }

    private static Bent hello() throws Exception {
        return Bent.prebuilt("hello.hvt");
    }

    static Stream<Arguments> images() throws Exception {
        String note = "note does not fall within valid size";
        String noAbi = "No Solo5 ABI information found in executable";
        return Stream.of(
                bad("empty", hello().cut(0), "invalid executable: "),
                bad("63 bytes", hello().cut(63), "invalid executable: "),
                bad("no ELF", hello().header(0, 0), "invalid executable: "),
                bad("32 bits", hello().header(4, 1), "invalid executable: "),
                bad("big-endian", hello().header(5, 2), "invalid executable: "),
                bad("PIE", hello().header(16, 3), "invalid executable: "),
                bad("aarch64", hello().header(18, 183), "invalid executable: "),
                bad("no version", hello().header(20, 0), "invalid executable: "),
                bad("entry 0", hello().header(24, 0, 0, 0), "invalid executable: "),
                bad("no headers", hello().header(56, 0), "invalid executable: "),
                bad("too many headers", hello().header(56, 255, 255), "invalid executable: "),
                bad("short note", hello().programHeader(Bent.PT_NOTE, 32, 11), note),
                bad("cut note", hello().programHeader(Bent.PT_NOTE, 32, 40), note),
                bad("no descriptor", hello().note(Bent.ABI, 4, 0), note),
                bad("long descriptor", hello().note(Bent.ABI, 4, 33), note),
                bad("no manifest in it", hello().note(Bent.MANIFEST, 4, 1), note),
                bad("long manifest", hello().note(Bent.MANIFEST, 4, 6669), note),
                bad("no ABI", hello().note(Bent.ABI, 8, 0x32494241), noAbi),
                bad("no manifest", hello().note(Bent.MANIFEST, 8, 0x3254464d), "No Solo5 manifest"),
                bad("spt", hello().content(Bent.ABI, 0, 2), "Executable is not for the solo5-hvt"),
                bad("ABI 3", hello().content(Bent.ABI, 4, 3), "unsupported ABI version 3"),
                bad("ABI 0", hello().content(Bent.ABI, 4, 0), "unsupported ABI version 0"),
                bad("version", hello().content(Bent.MANIFEST, 0, 2), "Solo5 manifest is invalid"),
                bad("entries", hello().content(Bent.MANIFEST, 4, 65), "Solo5 manifest is invalid"),
                bad("reserved", hello().content(Bent.MANIFEST, 76, 1), "Solo5 manifest is invalid"),
                bad(
                        "attached",
                        hello().content(Bent.MANIFEST, 104, 1),
                        "Solo5 manifest is invalid"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("images")
    void shouldRefuseAnImage(String what, Bent image, String phrase) throws Exception {
        Path file = image.write(folder.resolve("bad.hvt"));
        Command run = run(file.toString());
        assertEquals("", run.stdout());
        assertEquals(1, run.stderr().lines().count(), run.stderr());
        assertTrue(run.stderr().startsWith("solo5-hvt: " + file + ": "), run.stderr());
        assertTrue(run.stderr().contains(phrase), run.stderr());
        assertEquals(1, run.status());
    }

    @Test
    void shouldSayThatThereIsNoSuchImage() throws Exception {
        String reason = ": Could not open: ENOENT (No such file or directory)";
        assertSays(run("none"), 1, "solo5-hvt: none" + reason);
        assertSays(run("--mem", "512"), 1, "solo5-hvt: 512" + reason);
    }

    // That tender refuses both.
    @ParameterizedTest
    @ValueSource(strings = {"hello.ukvm", "hello.v03.ukvm", "hello.v1.hvt"})
    void shouldRunOlderGuests(String guest) throws Exception {
        Command run = run(Guests.prebuilt(guest).toString(), "x");
        assertEquals("", run.stderr());
        assertTrue(run.stdout().endsWith("command line: x\n"), run.stdout());
        assertEquals(0, run.status());
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 1", "42, 42", "255, 255", "256, 0", "257, 1", "-1, 255", "-256, 0"})
    void shouldEndWithTheLowBitsOfTheGuestsStatus(String status, int expected) throws Exception {
        Command run = run(HELLO, "exit=" + status);
        assertEquals("", run.stderr());
        assertEquals(expected, run.status());
    }

    @Test
    void shouldEndWith255WhenTheGuestAborts() throws Exception {
        Command run = run(Guests.prebuilt("fault.hvt").toString());
        assertTrue(run.stdout().contains("ABORT"), run.stdout());
        assertEquals("", run.stderr());
        assertEquals(255, run.status());
    }

    @Test
    void shouldEndWith1WhenTheGuestFaults() throws Exception {
        Command run = run(Guests.prebuilt("write-text.hvt").toString());
        assertTrue(
                run.stderr().matches("solo5-hvt: KVM: host/guest translation fault.* rip=0x.*\n"),
                run.stderr());
        assertEquals(1, run.status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"INT", "TERM"})
    void shouldEndWith1AtASignal(String signal) throws Exception {
        Process process = Command.builder(line(Guests.prebuilt("spin.hvt") + "")).start();
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
                BufferedReader err = process.errorReader(StandardCharsets.UTF_8)) {
            assertEquals("spinning", out.readLine());
            new ProcessBuilder("sh", "-c", "kill -" + signal + " " + process.pid())
                    .start()
                    .waitFor();
            assertTrue(process.waitFor(Run.LONG.toSeconds(), TimeUnit.SECONDS), "still running");
            assertEquals("solo5-hvt: Exiting on a signal", err.readLine());
        } finally {
            process.destroyForcibly();
        }
        assertEquals(1, process.exitValue());
    }

    // That tender hangs, or ends by a failed assertion.
    @Test
    void shouldSayWhenOutputIsLost() throws Exception {
        for (String closed : List.of(">&-", ">/dev/full")) {
            Command run = shell("exec \"$@\" " + closed, HELLO);
            assertTrue(run.stderr().startsWith("solo5-hvt: stdout: write: E"), run.stderr());
            assertEquals(1, run.stderr().lines().count(), run.stderr());
            assertEquals(1, run.status());
        }
    }

    @Test
    void shouldTakeItsNameFromALink() throws Exception {
        Path script = Launcher.common();
        Path link = Files.createDirectory(folder.resolve("bin")).resolve("solo5-hvt");
        Files.createSymbolicLink(link, script);
        Command hello = Command.sh("exec " + link + " --mem=3 -- " + HELLO + " --mem=x");
        assertEquals("solo5-hvt: adjusting memory to 2097152 bytes\n", hello.stderr());
        assertTrue(hello.stdout().endsWith("\ncommand line: --mem=x\n"), hello.stdout());
        assertEquals(0, hello.status());
        Command found = Command.sh("PATH=" + link.getParent() + ":$PATH; solo5-hvt --version");
        assertTrue(found.stderr().endsWith("\nABI version 2\n"), found.stderr());
        assertFalse(found.stderr().contains("building"), found.stderr());
        assertEquals(0, found.status());
        Files.delete(link);
    }
}
