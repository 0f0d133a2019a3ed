package jukvm.junit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jukvm.error.ConfigException;
import jukvm.monitor.Recording;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a test has of a guest, and what is told when it fails. */
@ExtendWith(KvmCondition.class)
final class UnikernelIT {
    private static final byte[] PCAPNG = {0x0a, 0x0d, 0x0d, 0x0a};

    @TempDir private Path published;

    private Trial run(String test) {
        return Trial.of(TrialGuests.class, test, published);
    }

    private Set<String> publishedFiles() throws IOException {
        try (Stream<Path> files = Files.list(published)) {
            return files.map(file -> file.getFileName().toString())
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private static void assertContains(String text, String... parts) {
        int from = 0;
        for (String part : parts) {
            int at = text.indexOf(part, from);
            assertTrue(at >= 0, () -> "'" + part + "' is not, or not in its place, in " + text);
            from = at + part.length();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "passing",
                "runByNobody",
                "severalAtOnce",
                "pastItsDeadlineAsItMay",
                "stopped",
                "leftRunning",
                "diskInMemory",
                "network"
            })
    void shouldPass(String test) throws IOException {
        run(test).assertPassed(1);
        assertEquals(Set.of(), publishedFiles());
    }

    @Test
    void shouldRunAgainForEachValue() {
        run("withValues").assertPassed(2);
    }

    @Test
    void shouldBeThereBeforeTheTest() {
        Trial.of(TrialGuests.WithSetUp.class, published).assertPassed(1);
    }

    @ParameterizedTest
    @CsvSource({
        "wrongStatus, 'hello.hvt: expected status 0: guest exited with status 7', exit=7",
        "runByNobodyToNoGoodEnd, 'hello.hvt: expected status 0: guest exited with status 7',"
                + " exit=7",
        "wrongConsole, 'hello.hvt: expected \"Hello from\" on its console after what was expected"
                + " before', \\x1b[31m",
        "overBudget, ', expected within 0.000001 s', late"
    })
    void shouldShowTheConsoleWithWhatIsNotAsExpected(String test, String fact, String line) {
        Trial trial = run(test);
        Throwable failure = trial.failure();
        assertEquals(AssertionError.class, failure.getClass());
        assertContains(
                String.valueOf(failure.getMessage()),
                fact,
                "\nhello.hvt: guest exited with status ",
                " (hvt 2, ring ",
                "\nconsole, ",
                "\n  Hello from a jukvm guest (hvt 2)\n  command line: " + line,
                "\nphases: image read 0.000 ms, VM ready ",
                "\ncounters: 2 exits, ");
        assertEquals(0, failure.getSuppressed().length);
    }

    @Test
    void shouldShowTheRegistersOfAFault() {
        String message = String.valueOf(run("faulting").failure().getMessage());
        assertContains(
                message,
                "write-text.hvt: has no exit status\n",
                "write-text.hvt: host/guest translation fault",
                "\n  writing to text",
                "\nexit reason: ",
                "\nregisters: rax=0x",
                " rip=0x10",
                "\ncode at rip: ");
    }

    @Test
    void shouldSayWhereAMissingImageIsNot() {
        Throwable failure = run("missing").failure();
        assertEquals(ConfigException.class, failure.getClass());
        String folder = Path.of(System.getProperty("jukvm.images")).toAbsolutePath() + "/";
        assertEquals(
                "nowhere.hvt: no such guest image: neither "
                        + Path.of("nowhere.hvt").toAbsolutePath()
                        + ", nor "
                        + folder
                        + "nowhere.hvt, nor a resource of jukvm.junit.TrialGuests",
                failure.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "deviceWithoutAValue, block 'storage': need NAME=PATH",
        "deadlineThatIsNone, deadline: 'soon' is not a duration such as 200ms"
    })
    void shouldRefuseWhatCannotBe(String test, String beginning) {
        Throwable failure = run(test).failure();
        assertEquals(ConfigException.class, failure.getClass());
        assertTrue(String.valueOf(failure.getMessage()).startsWith(beginning), failure::toString);
    }

    @Test
    void shouldFailPastADeadline() {
        assertContains(
                String.valueOf(run("pastItsDeadline").failure().getMessage()),
                "spin.hvt: expected status 0: guest stopped: its deadline of 2s expired\n",
                "\n  spinning\n");
    }

    @Test
    void shouldTellOfAGuestThatAnInterruptionEnded() {
        Throwable interruption = run("interrupted").failure().getSuppressed()[0];
        assertEquals(InterruptedException.class, interruption.getClass());
        assertContains(
                String.valueOf(interruption.getSuppressed()[0].getMessage()),
                "spin.hvt: guest did not run to an end\n",
                "\n  spinning");
    }

    @Test
    void shouldTellOfEveryGuestWithAFailureOfTheTestsOwn() throws IOException {
        Trial trial = run("ownAssertion");
        Throwable failure = trial.failure();
        assertContains(String.valueOf(failure.getMessage()), "not equal");
        List<String> told =
                Arrays.stream(failure.getSuppressed()).map(Throwable::getMessage).toList();
        assertEquals(2, told.size(), failure::toString);
        assertContains(told.get(0), "hello.hvt: guest exited with status 0", "line: first\n");
        assertContains(told.get(1), "hello.hvt-2: guest exited with status 0", "line: second\n");
        assertEquals(
                List.of(
                        Map.of("jukvm.guest", "hello.hvt: guest exited with status 0"),
                        Map.of("jukvm.guest", "hello.hvt-2: guest exited with status 0")),
                trial.entries().stream().map(entry -> entry.getKeyValuePairs()).toList());
        assertEquals(
                Set.of(
                        "hello.hvt.console.txt",
                        "hello.hvt.report.txt",
                        "hello.hvt-2.console.txt",
                        "hello.hvt-2.report.txt"),
                publishedFiles());
        assertEquals(told.get(1), Files.readString(published.resolve("hello.hvt-2.report.txt")));
        assertTrue(
                Files.readString(published.resolve("hello.hvt-2.console.txt"))
                        .endsWith("command line: second\n"));
    }

    @Test
    void shouldNotTakeAnAssumptionForAFailure() throws IOException {
        Trial trial = run("assumption");
        trial.results().testEvents().assertStatistics(count -> count.aborted(1).failed(0));
        assertEquals(Set.of(), publishedFiles());
    }

    @Test
    void shouldLeaveAFileAsItIsUnlessItIsToBeWritten() throws IOException {
        Path disk = Path.of(TrialGuests.DISK);
        byte[] content = new byte[128 << 10];
        Arrays.fill(content, (byte) 7);
        Files.write(disk, content);
        run("diskThatStaysAsItIs").assertPassed(1);
        run("diskToRead").assertPassed(1);
        assertArrayEquals(content, Files.readAllBytes(disk));
        run("diskToWrite").assertPassed(1);
        assertFalse(Arrays.equals(content, Files.readAllBytes(disk)));
        Files.delete(disk);
    }

    // Files of an earlier run are replaced.
    @Test
    void shouldKeepThePacketsOfAFailure() throws IOException {
        Files.writeString(published.resolve("echo.hvt.service0.pcapng"), "old");
        String message = String.valueOf(run("captured").failure().getMessage());
        Path kept = kept("packets of service0", message);
        byte[] capture = Files.readAllBytes(kept);
        assertArrayEquals(PCAPNG, Arrays.copyOf(capture, PCAPNG.length));
        assertArrayEquals(
                capture, Files.readAllBytes(published.resolve("echo.hvt.service0.pcapng")));
        // An ARP frame to everybody, in which the guest tells its address.
        String bytes = new String(capture, StandardCharsets.ISO_8859_1);
        assertContains(
                bytes, "\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff", "\u0008\u0006", "\n\0\0\u0002");
        Files.delete(kept);
        Files.delete(kept.getParent());
    }

    @ParameterizedTest
    @CsvSource({"recorded, time.hvt", "recordedPastItsDeadline, echo.hvt"})
    void shouldKeepTheRecordingOfAFailureAndReplayIt(String test, String guest) throws IOException {
        String message = String.valueOf(run(test).failure().getMessage());
        Path kept = kept("recording", message);
        assertContains(message, "recording: " + kept, "\nreplay: does the same again, with ");
        assertArrayEquals(
                Files.readAllBytes(kept),
                Files.readAllBytes(published.resolve(guest + ".jukvmrec")));
        try (Recording recording = Recording.open(kept)) {
            assertTrue(recording.events() > 0);
        }
        Files.delete(kept);
        Files.delete(kept.getParent());
    }

    @Test
    void shouldForgetThePacketsOfASuccess() {
        run("network").assertPassed(1);
        Path capture = kept("packets of service0", TrialGuests.told);
        assertFalse(Files.exists(capture.getParent()), capture::toString);
    }

    private static Path kept(String what, String told) {
        Matcher file = Pattern.compile(what + ": (.*)").matcher(told);
        assertTrue(file.find(), told);
        return Path.of(file.group(1));
    }

    @Test
    void shouldShareOneMonitorAndCloseIt() throws IOException {
        long before = monitors();
        Trial.of(TrialGuests.WithMonitor.class, published).assertPassed(2);
        assertEquals(Set.of(before + 1), TrialGuests.WithMonitor.SEEN);
        assertEquals(before, monitors());
    }

    /** Returns how many descriptors of KVM this process has. */
    static long monitors() throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            return all.filter(UnikernelIT::isKvm).count();
        }
    }

    private static boolean isKvm(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).equals(Path.of("/dev/kvm"));
        } catch (IOException e) {
            return false; // The one that lists them.
        }
    }
}
