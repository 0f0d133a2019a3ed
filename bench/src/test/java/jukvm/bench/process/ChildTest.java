package jukvm.bench.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jukvm.bench.Leftovers;
import jukvm.error.HostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChildTest {
    private static final Path SHELL = Path.of("/bin/sh");
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final int ENOENT = 2;
    private static final int EACCES = 13;
    private static final int SIGKILL = 9;
    private static final int SIGTERM = 15;

    private static Program shell(String script) {
        return Program.of(SHELL, List.of("sh", "-c", script), List.of("PATH=/usr/bin:/bin"));
    }

    private static ChildEnd run(String script) throws Exception {
        try (Child child = shell(script).start()) {
            return child.await(LONG);
        }
    }

    @Test
    void shouldTellStatusAndOutputAndWhen() throws Exception {
        long before = System.nanoTime();
        ChildEnd end = run("printf 'Hello\\n'; exit 7");
        assertEquals(7, end.status());
        assertEquals(0, end.signal());
        assertFalse(end.timedOut());
        assertFalse(end.succeeded());
        assertEquals("Hello\n", end.output());
        assertEquals("", end.errors());
        assertTrue(end.started() >= before);
        assertTrue(end.firstByte() > end.started());
        assertTrue(end.ended() > end.firstByte() && end.ended() <= System.nanoTime());
    }

    @Test
    void shouldTellThatThereWasNoOutput() throws Exception {
        ChildEnd end = run("exit 0");
        assertTrue(end.succeeded());
        assertEquals("", end.output());
        assertEquals(0, end.firstByte());
    }

    @Test
    void shouldTellTheSignalThatEndedIt() throws Exception {
        ChildEnd end = run("kill -TERM $$");
        assertEquals(-1, end.status());
        assertEquals(SIGTERM, end.signal());
        assertFalse(end.succeeded());
    }

    @Test
    void shouldKeepTheBeginningOfLongOutput() throws Exception {
        ChildEnd end = run("head -c 1000001 /dev/zero | tr '\\0' x");
        assertTrue(end.succeeded());
        assertEquals("x".repeat(Child.OUTPUT), end.output());
    }

    @Test
    void shouldKeepTheBeginningOfErrors() throws Exception {
        assertEquals("no\n", run("echo no >&2").errors());
        ChildEnd end = run("head -c 1000000 /dev/zero | tr '\\0' e >&2");
        assertEquals("e".repeat(Child.ERRORS), end.errors());
        assertEquals("", end.output());
    }

    @Test
    void shouldPassArgumentsAndEnvironmentAndNothingElse() throws Exception {
        String text = "gr\u00fc\u00dfe \u65e5\u672c \ud83d\ude00 ";
        List<String> environment = List.of("A=" + text, "B=");
        List<String> arguments =
                List.of("\u00e4", "-c", "printf '%s|' \"$0\" \"$@\"", text, "", "*");
        assertEquals(text + "||*|", output(Program.of(SHELL, arguments, environment)));
        Program env = Program.of(Path.of("/usr/bin/env"), List.of("env"), environment);
        assertEquals("A=" + text + "\nB=\n", output(env));
    }

    private static String output(Program program) throws Exception {
        try (Child child = program.start()) {
            ChildEnd end = child.await(LONG);
            assertTrue(end.succeeded(), end.toString());
            return end.output();
        }
    }

    @Test
    void shouldPassNoDescriptorButTheStandardStreams() throws Exception {
        // Not close-on-exec, as some that libraries open.
        int leaky = C.open("/dev/zero", C.O_RDONLY);
        try {
            // The fourth is the folder that is listed.
            assertEquals("0\n1\n2\n3\n", run("exec ls /proc/self/fd").output());
            assertEquals("/dev/null\n", run("readlink /proc/self/fd/0").output());
        } finally {
            assertEquals(0, C.close(leaky));
        }
    }

    @Test
    void shouldBlockAndIgnoreNoSignal() throws Exception {
        ChildEnd end = run("exec grep -E 'Sig(Blk|Ign)' /proc/self/status");
        assertEquals("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n", end.output());
    }

    @Test
    void shouldLeadAProcessGroup() throws Exception {
        try (Child child = shell("exec cut -d ' ' -f 1,5 /proc/self/stat").start()) {
            assertEquals(child.pid() + " " + child.pid() + "\n", child.await(LONG).output());
        }
    }

    @Test
    void shouldKillTheProcessGroupWhenTimeIsUp() throws Exception {
        try (Child child = shell("sleep 1000 & echo $!; wait").start()) {
            assertTrue(child.awaitOutput("\n", LONG));
            ChildEnd end = child.await(Duration.ZERO);
            assertTrue(end.timedOut());
            assertFalse(end.succeeded());
            assertEquals(SIGKILL, end.signal());
            awaitEnd(Long.parseLong(end.output().strip()));
        }
    }

    /** Waits until a process of somebody else has ended, whether or not that was noticed. */
    private static void awaitEnd(long pid) throws Exception {
        Path stat = Path.of("/proc/" + pid + "/stat");
        Leftovers.await(
                true,
                () -> {
                    try {
                        return Files.readString(stat).contains(") Z ");
                    } catch (IOException e) {
                        return true; // It is gone.
                    }
                });
    }

    @Test
    void shouldNotWaitForDescendantsThatHaveItsOutput() throws Exception {
        ChildEnd end = run("yes & echo $! >&2");
        long pid = Long.parseLong(end.errors().strip());
        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
        assertTrue(end.succeeded());
    }

    @Test
    void shouldKillWhenInterruptedBefore() throws Exception {
        try (Child child = shell("sleep 1000").start()) {
            Thread.currentThread().interrupt();
            assertThrows(InterruptedException.class, () -> child.await(LONG));
            assertFalse(Thread.currentThread().isInterrupted());
            ChildEnd end = child.await(LONG);
            assertEquals(SIGKILL, end.signal());
            assertFalse(end.timedOut());
        }
    }

    @Test
    void shouldKillWhenInterruptedMeanwhile() throws Exception {
        Thread waiter = Thread.currentThread();
        try (Child child = shell("echo ready; sleep 1000").start()) {
            assertTrue(child.awaitOutput("ready", LONG));
            new Thread(waiter::interrupt).start();
            assertThrows(InterruptedException.class, () -> child.awaitOutput("never", LONG));
            assertEquals(SIGKILL, child.await(LONG).signal());
        }
    }

    @Test
    void shouldTellOfAnInterruptThatCameBeforeItsEndWasSeen() throws Exception {
        // A descendant has its output for a while longer.
        try (Child child = shell("sleep 0.2 & exit 3").start()) {
            child.waitOut();
            Thread.currentThread().interrupt();
            assertFalse(child.awaitOutput("Hello", LONG));
            assertThrows(InterruptedException.class, () -> child.await(LONG));
            assertEquals(3, child.await(LONG).status());
        }
        try (Child child = shell("echo Hello").start()) {
            child.waitOut();
            Thread.currentThread().interrupt();
            assertTrue(child.awaitOutput("Hello", LONG));
        }
        assertTrue(Thread.interrupted());
    }

    @Test
    void shouldLetItGoOnWhenItsOutputHasATextOrTimeIsUp() throws Exception {
        try (Child child = shell("echo Hello; read x; sleep 1000").start()) {
            assertTrue(child.awaitOutput("Hello\n", LONG));
            assertTrue(child.awaitOutput("ell", Duration.ZERO));
            assertFalse(child.awaitOutput("World", Duration.ZERO));
            assertTrue(ProcessHandle.of(child.pid()).isPresent());
        }
    }

    @Test
    void shouldTellThatATextWillNotAppear() throws Exception {
        try (Child child = shell("echo Hello; exit 3").start()) {
            assertFalse(child.awaitOutput("World", LONG));
            assertTrue(child.awaitOutput("Hello", LONG));
            ChildEnd end = child.await(LONG);
            assertEquals(3, end.status());
            assertEquals("Hello\n", end.output());
            assertFalse(child.awaitOutput("World", LONG));
        }
        try (Child child = shell("exec 1>&-; sleep 1000").start()) {
            assertFalse(child.awaitOutput("World", LONG));
        }
    }

    @Test
    void shouldReadOnFromDescendantsAfterItsEnd() throws Exception {
        try (Child child = shell("(sleep 0.2; echo Hello) & exit 3").start()) {
            assertTrue(child.awaitOutput("Hello", LONG));
            assertEquals(3, child.await(LONG).status());
        }
    }

    @Test
    void shouldKillAndReapOnClose() {
        Child child = shell("sleep 1000").start();
        long pid = child.pid();
        child.close();
        child.close();
        assertTrue(ProcessHandle.of(pid).isEmpty());
        assertThrows(IllegalStateException.class, () -> child.await(LONG));
        assertThrows(IllegalStateException.class, () -> child.awaitOutput("", LONG));
    }

    @Test
    void shouldTellWhyAProgramCannotBeStarted(@TempDir Path dir) throws Exception {
        Path missing = dir.resolve("missing");
        HostException e = refusal(missing);
        assertEquals(ENOENT, e.errno());
        assertEquals("posix_spawn " + missing + ": No such file or directory", e.getMessage());
        Path file = Files.write(dir.resolve("file"), "text".getBytes(UTF_8));
        assertEquals(EACCES, refusal(file).errno());
        assertTrue(file.toFile().setExecutable(true));
        assertEquals("Exec format error", refusal(file).reason());
    }

    private static HostException refusal(Path executable) {
        Program program = Program.of(executable, List.of("x"), List.of());
        return assertThrows(HostException.class, program::start);
    }

    @Test
    void shouldRefuseWhatCannotBeAProgram() {
        List<String> none = List.of();
        List<String> zero = List.of("a\0b");
        for (Runnable wrong :
                List.<Runnable>of(
                        () -> Program.of(Path.of("sh"), List.of("sh"), none),
                        () -> Program.of(SHELL, none, none),
                        () -> Program.of(SHELL, zero, none),
                        () -> Program.of(SHELL, List.of("sh"), zero))) {
            assertThrows(IllegalArgumentException.class, wrong::run);
        }
    }

    // What is killed halfway may leave what nobody finds.
    @Test
    void shouldWaitOutAnInterruptIfItIsTold() throws Exception {
        try (Child child = shell("sleep 0.3; echo done").start()) {
            child.waitOut();
            Thread.currentThread().interrupt();
            assertThrows(InterruptedException.class, () -> child.await(LONG));
            ChildEnd end = child.await(LONG);
            assertEquals("done\n", end.output());
            assertTrue(end.succeeded(), end.toString());
        }
    }
}
