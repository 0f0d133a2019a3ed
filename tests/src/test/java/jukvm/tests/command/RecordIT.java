package jukvm.tests.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jukvm.device.Console;
import jukvm.device.ConsoleCapture;
import jukvm.guest.Outcome;
import jukvm.guest.RunResult;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.monitor.Recording;
import jukvm.tests.support.BackgroundCommand;
import jukvm.tests.support.Command;
import jukvm.tests.support.DaemonFixture;
import jukvm.tests.support.Guests;
import jukvm.tests.support.HttpQuestions;
import jukvm.tests.support.Jdk;
import jukvm.tests.support.Namespace;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.RequiresPasst;
import jukvm.tests.support.RequiresRoot;
import jukvm.tests.support.Run;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code jukvm run --record} and {@code jukvm replay}. */
@RequiresKvm
final class RecordIT {
    @TempDir private Path folder = Path.of("");

    private Command here(String script) throws Exception {
        return DaemonFixture.quick("cd '" + folder + "'; " + script);
    }

    private void assertReplays(Command recorded) throws Exception {
        Command replayed = here("$J replay r");
        assertEquals(recorded.stdout(), replayed.stdout());
        assertEquals("", replayed.stderr());
        assertEquals(recorded.status(), replayed.status());
    }

    @Test
    void shouldReplayWhatAColdCommandOrTheDaemonRecorded() throws Exception {
        DaemonFixture fixture = DaemonFixture.resident();
        String script = "cd '" + folder + "'; $J run --record=r $G/time.hvt";
        long before = fixture.idle().served();
        Command served = fixture.shell(script);
        assertEquals(before + 1, fixture.idle().served());
        assertTrue(served.stdout().endsWith("SUCCESS\n"), served.toString());
        assertReplays(served);
        Command cold = fixture.cold(script);
        assertReplays(cold);
        assertReplays(here("$J run --record=r $G/hello.v1.hvt exit=7"));
    }

    @Test
    void shouldReplayInTheLibraryWithoutTheDisk() throws Exception {
        Files.write(folder.resolve("disk"), new byte[64 << 9]);
        Command run = here("$J run --record=r --disk=disk $G/block.hvt");
        assertEquals(0, run.status(), run.toString());
        Files.delete(folder.resolve("disk"));
        ConsoleCapture console = Console.capture(1 << 20);
        GuestImage image = GuestImage.read(Guests.prebuilt("block.hvt"));
        try (Monitor monitor = Monitor.open();
                Recording recording = Recording.open(folder.resolve("r"))) {
            assertTrue(recording.imageName().endsWith("block.hvt"));
            assertEquals(image.sha256(), recording.imageSha256());
            GuestSpec guest = GuestSpec.of(recording, image).console(console).deadline(Run.LONG);
            RunResult result = monitor.run(guest);
            assertEquals(new Outcome.Exited(0), result.outcome());
            assertEquals(run.stdout(), console.text());
        }
    }

    @Test
    void shouldReplayOnAnotherJava() throws Exception {
        Optional<Jdk> other = Jdk.other();
        assumeTrue(other.isPresent(), "there is no other Java here");
        Files.write(folder.resolve("disk"), new byte[64 << 9]);
        Command run = here("$J run --record=r --disk=disk $G/block.hvt");
        assertEquals(0, run.status(), run.toString());
        // Classes are not prepared for it, which takes long.
        String java = "JUKVM_JAVA_OPTIONS=-Xshare:auto JUKVM_JAVA_HOME=" + other.get().home();
        Command replayed = here(java + " $J replay r");
        assertEquals(run, replayed);
    }

    /** Asked by the world, and replayed without it. */
    @Test
    @RequiresRoot
    @RequiresPasst
    void shouldReplayAServer() throws Exception {
        String script =
                "cd '"
                        + folder
                        + "'; exec $J run --record=r --net:service0=user --publish=0:80"
                        + " $G/http.hvt limit=101";
        try (Namespace host = Namespace.open()) {
            host.route("192.0.2.1");
            List<String> line = host.line(List.of("sh", "-c", script));
            try (BackgroundCommand run =
                    BackgroundCommand.start(line, DaemonFixture.resident().environment("off"))) {
                run.awaitOutput("serves HTTP on port 80\n");
                Matcher port = Pattern.compile("127.0.0.1:(\\d+):80").matcher(run.errors());
                assertTrue(port.find(), run.errors());
                String[] words = {"127.0.0.1", port.group(1)};
                List<String> questions = Command.mainLine(HttpQuestions.class, List.of(), words);
                Namespace.Result asked = host.run(questions.toArray(String[]::new));
                assertTrue(asked.output().endsWith("SUCCESS\n"), asked::output);
                Command served = run.await();
                assertTrue(served.stdout().endsWith("SUCCESS\n"), served.toString());
                assertReplays(served);
            }
        }
    }

    private static void awaitGrowth(Path file) throws Exception {
        long size = Files.size(file);
        long start = System.nanoTime();
        while (Files.size(file) == size) {
            assertTrue(System.nanoTime() - start < Command.PATIENCE.toNanos(), "does not grow");
            Thread.sleep(10);
        }
    }

    @Test
    void shouldReplayWhatThereIsOfARecorderThatWasKilled() throws Exception {
        Files.write(folder.resolve("disk"), new byte[64 << 9]);
        List<String> line =
                List.of(
                        "sh",
                        "-c",
                        "cd '"
                                + folder
                                + "'; exec $J run --record=r --disk=disk $G/block.hvt stamp");
        try (BackgroundCommand run =
                BackgroundCommand.start(line, DaemonFixture.resident().environment("off"))) {
            run.awaitOutput("ack 100 ");
            awaitGrowth(folder.resolve("r")); // What there is yet may be its head alone.
            assertTrue(ProcessHandle.of(run.pid()).orElseThrow().destroyForcibly());
            run.await();
        }
        Command replayed = here("$J replay r");
        assertTrue(replayed.stdout().startsWith("block (hvt 2)\n"), replayed.toString());
        assertTrue(
                replayed.stderr().contains("the recording ends here, after "), replayed.stderr());
        assertTrue(replayed.stderr().contains(": it was not finished\n"), replayed.stderr());
        assertEquals(1, replayed.status());
    }

    @Test
    void shouldEndWhereAGuestThatWasStoppedWasToldLast() throws Exception {
        assertEquals(1, here("$J run --deadline=2s --record=r $G/spin.hvt").status());
        Command replayed = here("$J replay r");
        assertEquals("spinning\n", replayed.stdout());
        assertTrue(replayed.stderr().contains("its deadline of 2s expired"), replayed.stderr());
        assertEquals(1, replayed.status());
    }

    @Test
    void shouldRefuseOtherImagesAndWhatIsNoRecording() throws Exception {
        assertEquals(0, here("$J run --record=r $G/hello.hvt").status());
        assertRefused("r: is a recording of an image with sha256=", "r $G/fault.hvt");
        assertRefused("hello.hvt: is not a recording of jukvm", "$G/hello.hvt");
        assertRefused("none: cannot read: ENOENT", "none");
        String unnamed =
                "standard input: cannot open: ENOENT (No such file or directory). Name the";
        assertRefused(unnamed, "s", "$J run --record=s - < $G/hello.hvt >n;");
        byte[] damaged = Files.readAllBytes(folder.resolve("r"));
        damaged[100] ^= 1;
        Files.write(folder.resolve("r"), damaged);
        assertRefused("r: recording is damaged from byte 12 on", "r");
    }

    private void assertRefused(String message, String words, String... before) throws Exception {
        Command run = here(String.join("", before) + " $J replay " + words);
        assertEquals(1, run.status(), run.toString());
        assertTrue(run.stderr().contains(message), run.toString());
        assertEquals(1, run.stderr().lines().count(), run.stderr());
    }

    @Test
    void shouldRefuseToRecordWhatNobodyCouldReplay() throws Exception {
        Command gdb = here("$J run --record=r --gdb=0 $G/hello.hvt");
        assertTrue(gdb.stderr().contains("--record: a guest under gdb is not recorded"));
        Command same = here("cp $G/hello.hvt g; $J run --record=g g");
        assertTrue(same.stderr().contains("--record: g: is the same file as the guest"));
        Command full = here("$J run --record=/dev/full $G/hello.hvt x");
        assertEquals(0, full.status());
        assertTrue(full.stderr().contains("recording: is not complete: No space left"));
        Command ring0 = here("$J run --record=r --ring=0 $G/hello.hvt x");
        assertTrue(ring0.stderr().contains("recording: at ring 0 code that the guest makes"));
    }

    @Test
    void shouldRecordNoGuestFromASnapshotAndLeaveTheFileAlone() throws Exception {
        Command taken = here("$J snapshot --at=calls:0 -o s $G/hello.hvt && echo kept > r");
        assertEquals(0, taken.status(), taken.toString());
        Command clone = here("$J run --record=r s");
        String refusal = "--record: a run is recorded from its beginning, not from a snapshot\n";
        assertTrue(clone.stderr().endsWith(refusal), clone.stderr());
        assertEquals(1, clone.stderr().lines().count(), clone.stderr());
        assertEquals(1, clone.status());
        assertEquals("kept\n", Files.readString(folder.resolve("r")));
    }

    /** The commands of the page, one after the other. */
    @Test
    void shouldDoWhatThePageShows() throws Exception {
        List<String> commands =
                Files.readAllLines(Guests.ROOT.resolve("docs/debugging.md")).stream()
                        .filter(line -> line.matches("    jukvm (run|replay) .*hello\\.rec.*"))
                        .filter(line -> !line.contains("--gdb"))
                        .toList();
        assertEquals(2, commands.size());
        for (String command : commands) {
            String script =
                    command.replace("    jukvm ", "$J ").replaceAll("(\\w+\\.hvt)", "\\$G/$1");
            Command run = here(script);
            assertEquals(3, run.status(), command + run);
            assertTrue(run.stdout().endsWith("command line: exit=3\n"), run.toString());
        }
    }
}
