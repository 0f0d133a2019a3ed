package jukvm.tests.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jukvm.tests.support.BackgroundCommand;
import jukvm.tests.support.Command;
import jukvm.tests.support.DaemonFixture;
import jukvm.tests.support.RequiresKvm;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A daemon that has each guest in a process of its own says the same as one that does not. */
@RequiresKvm
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class DaemonIsolationIT {
    private DaemonFixture fixture;

    @TempDir private Path folder;

    @BeforeAll
    void start() throws IOException {
        fixture = DaemonFixture.common();
        fixture.startDaemon("--isolation=process");
    }

    @AfterAll
    void stop() {
        fixture.close();
    }

    private Command served(DaemonFixture by, String script, int times) throws Exception {
        long before = by.idle().served();
        Command run = by.shell("cd '" + folder + "'\n" + script);
        assertEquals(before + times, by.idle().served(), run::toString);
        return run;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "$J run $G/hello.hvt Hello",
                "$J run --isolation=process $G/hello.hvt exit=42",
                "$J run $G/fault.hvt divide",
                "$J run missing",
                "truncate -s 128K d; $J run --disk=d --mem=16 $G/block.hvt",
                "$J run --trace-summary --trace=t --mem=16 $G/exits.hvt 20",
                "$S $G/hello.hvt Hello",
                "$S --mem=16 $G/hello.hvt exit=7"
            })
    void shouldSayTheSame(String script) throws Exception {
        Command cold = fixture.cold("cd '" + folder + "'\n" + script);
        assertEquals(cold, served(fixture, script, 1));
    }

    @Test
    void shouldTellHowItsProcessIsSealed() throws Exception {
        Command run = served(fixture, "$J run --report=r $G/hello.hvt && cat r", 1);
        String sandbox = run.stdout().replaceAll("(?s).*\"sandbox\"", "").replaceAll("\\s", "");
        assertTrue(sandbox.startsWith(":{\"mode\":\"on\""), sandbox);
        assertTrue(sandbox.contains("\"no_new_privs\",\"limits\",\"filter\""), sandbox);
        assertTrue(sandbox.contains("\"uses\":[\"guests\"]"), sandbox);
    }

    /** What a worker does not do is done by a JVM that the guest has for itself, too. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "$J run --profile=100,p $G/hello.hvt",
                "$J run --dumpcore=. $G/hello.hvt",
                "$J run --isolation=thread $G/hello.hvt",
                "$J snapshot --at=calls:1 -o s $G/hello.hvt && $J run s"
            })
    void shouldLeaveTheRestToAJvmOfItsOwn(String script) throws Exception {
        Command run = served(fixture, script, 0);
        assertEquals(0, run.status(), run::stderr);
    }

    private List<ProcessHandle> workers() {
        return ProcessHandle.of(fixture.status().pid())
                .orElseThrow()
                .children()
                .filter(DaemonIsolationIT::isWorker)
                .toList();
    }

    private static boolean isWorker(ProcessHandle child) {
        try {
            return Files.readString(Path.of("/proc/" + child.pid() + "/cmdline"))
                    .contains("WorkerMain");
        } catch (IOException e) {
            return false; // It has ended meanwhile.
        }
    }

    @Test
    void shouldLoseNothingButTheGuestWhoseProcessDies() throws Exception {
        try (BackgroundCommand spins = fixture.begin("exec $J run $G/spin.hvt")) {
            spins.awaitOutput("spinning");
            workers().forEach(ProcessHandle::destroyForcibly);
            Command ended = spins.await();
            assertEquals(1, ended.status());
            assertTrue(ended.stderr().contains("its worker process"), ended::stderr);
        }
        assertEquals(0, served(fixture, "$J run $G/hello.hvt", 1).status());
    }

    @Test
    void shouldIsolateTheGuestsThatAskForIt() throws Exception {
        DaemonFixture threads = DaemonFixture.common();
        try {
            threads.startDaemon();
            String report = " --report=r $G/hello.hvt >/dev/null && cat r";
            Command thread = served(threads, "$J run" + report, 1);
            assertTrue(thread.stdout().contains("\"off\""), thread.stdout());
            Command process = served(threads, "$J run --isolation=process" + report, 1);
            assertTrue(process.stdout().contains("\"filter\""), process.stdout());
            Command start = threads.daemon("start", "--isolation=process");
            assertEquals(1, start.status());
            assertTrue(start.stderr().contains("jukvm daemon stop"), start.stderr());
        } finally {
            threads.close();
        }
    }

    @Test
    void shouldSaySo() throws Exception {
        Command status = fixture.daemon("status");
        assertTrue(
                status.stdout().endsWith("; each guest in a process of its own\n"), status::stdout);
        assertEquals(0, fixture.daemon("start", "--isolation=process").status());
        assertNotEquals(0, fixture.daemon("start", "--isolation=none").status());
    }
}
