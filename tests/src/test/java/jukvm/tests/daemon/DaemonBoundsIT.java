package jukvm.tests.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import jukvm.daemon.Client;
import jukvm.daemon.ClientListener;
import jukvm.daemon.MessageBuffer;
import jukvm.tests.support.BackgroundCommand;
import jukvm.tests.support.Command;
import jukvm.tests.support.DaemonFixture;
import jukvm.tests.support.Guests;
import jukvm.tests.support.OpenFiles;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Run;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a daemon and its clients take of the host, and that it stays so. */
@RequiresKvm
final class DaemonBoundsIT {
    private static final int CROWD = 60;
    private static final int READ_NONBLOCK = 0x800;
    private static final int SYSTEM_CALLS = 60;
    private static final String GREETING = "Hello from a jukvm guest (hvt 2)\ncommand line: ";

    @TempDir private Path folder;
    private DaemonFixture fixture;

    @BeforeEach
    void begin() throws Exception {
        fixture = DaemonFixture.common();
    }

    @AfterEach
    void stop() throws Exception {
        fixture.close();
    }

    /** What a daemon has because of guests and clients, and its memory, which is all its own. */
    private record Use(OpenFiles open, Map<String, Long> threads, long kilobytes) {
        static Use of(long pid) throws IOException {
            Path process = Path.of("/proc", Long.toString(pid));
            Map<String, Long> threads = new TreeMap<>();
            try (Stream<Path> tasks = Files.list(process.resolve("task"))) {
                for (Path task : tasks.toList()) {
                    threads.merge(name(task), 1L, Long::sum);
                }
            }
            threads.keySet().removeIf(name -> !name.matches("(jukvm|kvm).*"));
            return new Use(OpenFiles.ofGuests(pid), threads, memory(process));
        }

        private static String name(Path task) {
            try {
                return Files.readString(task.resolve("comm")).strip();
            } catch (IOException e) {
                return ""; // It has ended since.
            }
        }

        private static long memory(Path process) throws IOException {
            String line =
                    Files.readAllLines(process.resolve("status")).stream()
                            .filter(each -> each.startsWith("VmRSS:"))
                            .findFirst()
                            .orElseThrow();
            return Long.parseLong(line.replaceAll("\\D", ""));
        }

        /** Returns whether no more than this is held now, or so much more. */
        boolean holds(Use now, int descriptors, int threads, int mebibytes) {
            long more = now.threads.values().stream().mapToLong(Long::longValue).sum();
            more -= this.threads.values().stream().mapToLong(Long::longValue).sum();
            return now.open.minus(open).size() <= descriptors
                    && more <= threads
                    && now.kilobytes <= kilobytes + mebibytes * 1024L;
        }
    }

    /** Waits until a daemon holds no more than it did, or so much more. */
    private static void assertHeld(
            Use before, long pid, int descriptors, int threads, int mebibytes) throws Exception {
        long start = System.nanoTime();
        Use now = Use.of(pid);
        while (!before.holds(now, descriptors, threads, mebibytes)) {
            String both = before + " " + now;
            assertTrue(System.nanoTime() - start < Run.LONG.toNanos(), both);
            Thread.sleep(100); // It keeps VMs for a while.
            now = Use.of(pid);
        }
    }

    // As a programmer does: each time another file of the same name, and a sixth of what the daemon
    // holds. A run that went the cold way would not count as served.
    @Test
    void shouldServeBuildAfterBuildOfALargeImage() throws Exception {
        DaemonFixture resident = DaemonFixture.resident();
        long before = resident.idle().served();
        String script =
                "cd 'FOLDER'; i=0; while [ $i -lt 16 ]; do i=$((i+1)); rm -f app;"
                        + " cp $G/hello.hvt app; truncate -s 20M app; $J run app $i || echo $?;"
                        + " done | grep -c Hello";
        Command run = resident.shell(script.replace("FOLDER", folder + ""));
        assertEquals("", run.stderr());
        assertEquals("16\n", run.stdout(), run::toString);
        assertEquals(before + 16, resident.idle().served());
    }

    @Test
    void shouldSendTheColdWayWhatItHasNoRoomFor() throws Exception {
        Command started = fixture.shell("JUKVM_JAVA_OPTIONS=-Xmx32m exec $J daemon start");
        assertEquals(0, started.status(), started::toString);
        String script =
                "cd 'FOLDER'; cp $G/hello.hvt app; truncate -s 40M app;"
                        + " $J run --mem=3 --report=report app 1; echo $?; $S app 2; echo $?;"
                        + " $J run --report=/missing/report app 3; echo $?; rm app";
        Command warm = fixture.shell(script.replace("FOLDER", folder + ""));
        String report = Files.readString(folder.resolve("report"));
        assertEquals(0, fixture.idle().served());
        Command cold = fixture.cold(script.replace("FOLDER", folder + ""));
        assertEquals(cold.stdout(), warm.stdout());
        assertEquals(cold.stderr(), warm.stderr());
        String both = GREETING + "1\n0\n" + GREETING + "2\n0\n";
        assertTrue(warm.stdout().startsWith(both), warm::toString);
        assertTrue(report.contains("\"exit_status\""), report);
    }

    private void runInTurn(int count) throws Exception {
        String script =
                "i=0; while [ $i -lt COUNT ]; do $J run $G/hello.hvt || echo $?; i=$((i+1));"
                        + " done | grep -c Hello";
        Command run = fixture.shell(script.replace("COUNT", count + ""));
        assertEquals(count + "\n", run.stdout(), run::toString);
        assertEquals("", run.stderr());
    }

    @Test
    void shouldKeepNothingOfWhatItServed() throws Exception {
        fixture.startDaemon();
        long pid = fixture.status().pid();
        runInTurn(100);
        long served = fixture.idle().served();
        Use before = Use.of(pid);
        runInTurn(200);
        assertEquals(served + 200, fixture.idle().served());
        assertHeld(before, pid, 2, 2, 32);

        runCrowd();
        fixture.idle();
        Use crowded = Use.of(pid);
        runCrowd();
        fixture.idle();
        assertHeld(crowded, pid, 8, 8, 64);
    }

    private void runCrowd() throws Exception {
        String script =
                "cd 'FOLDER'; i=0; while [ $i -lt COUNT ]; do i=$((i+1));"
                        + " (case $i in *0) $J run $G/fault.hvt ;; *5) $J run missing ;;"
                        + " *) $J run $G/hello.hvt $i exit=$i ;; esac >o$i 2>e$i; echo $? >s$i) &"
                        + " done; wait";
        long before = fixture.idle().served();
        Command all =
                fixture.shell(script.replace("COUNT", CROWD + "").replace("FOLDER", folder + ""));
        assertEquals(0, all.status());
        for (int i = 1; i <= CROWD; i++) {
            String out = Files.readString(folder.resolve("o" + i));
            String err = Files.readString(folder.resolve("e" + i));
            int status = Integer.parseInt(Files.readString(folder.resolve("s" + i)).strip());
            if (i % 10 == 0) {
                assertTrue(out.contains("ABORT"), out);
                assertEquals(255, status);
            } else if (i % 10 == 5) {
                assertEquals(1, status);
                assertTrue(err.startsWith("jukvm: missing: "), err);
                assertEquals(1, err.lines().count(), err);
            } else {
                assertEquals(GREETING + i + " exit=" + i + "\n", out);
                assertEquals(i, status);
                assertEquals("", err);
            }
        }
        assertEquals(before + CROWD, fixture.idle().served());
    }

    // Clients that it has no descriptors for run their guests themselves.
    @Test
    void shouldServeAsManyAsItHasDescriptorsFor() throws Exception {
        Command started = fixture.shell("ulimit -n 90; exec $J daemon start");
        assertEquals(0, started.status(), started::toString);
        Use before = Use.of(fixture.status().pid());
        String script =
                "cd 'FOLDER'; all=; for i in 1 2 3 4; do : >o$i;"
                        + " $J run $G/spin.hvt >o$i 2>e$i & all=\"$all $!\"; done;"
                        + " until [ $(cat o* | grep -c spinning) = 4 ]; do sleep 0.1; done;"
                        + " kill $all; wait; cat o*; cat e* >&2";
        Command run = fixture.shell(script.replace("FOLDER", folder + ""));
        assertEquals("spinning\n".repeat(4), run.stdout(), run.stderr());
        String line = "guest stopped by a signal";
        assertTrue(run.stderr().lines().allMatch(each -> each.endsWith(line)), run.stderr());
        long pid = fixture.idle().pid();
        runInTurn(5);
        assertHeld(before, pid, 40, 12, 256);
    }

    // While it waited for the daemon, whoever reads its output would wait, too.
    @Test
    void shouldSendOnesThatAreTooManyAwayAtOnce() throws Exception {
        Command started = fixture.shell("ulimit -n 90; exec $J daemon start");
        assertEquals(0, started.status(), started::toString);
        try (BackgroundCommand spin = fixture.begin("exec $J run $G/spin.hvt")) {
            spin.awaitOutput("spinning");
            fixture.awaitGuests(1);
            for (int i = 0; i < 2; i++) {
                Command run = fixture.shell("$J run $G/hello.hvt a | cat");
                assertEquals(new Command(0, GREETING + "a\n", ""), run);
                assertEquals(1, fixture.status().guests());
            }
            assertTrue(spin.isAlive());
            assertEquals("stopped\n", fixture.daemon("stop").stdout());
            assertEquals(1, spin.await().status());
        }
    }

    @Test
    void shouldMakeFewSystemCalls() throws Exception {
        DaemonFixture resident = DaemonFixture.resident();
        Command tried =
                fixture.shell("strace -V >/dev/null 2>&1 && strace -o '" + folder + "/t' true");
        assumeTrue(tried.status() == 0, "no strace, or no right to trace");
        long before = resident.idle().served();
        Command run = resident.shell("exec strace -o '" + folder + "/t' $C $J run $G/hello.hvt a");
        assertEquals(GREETING + "a\n", run.stdout());
        assertEquals(before + 1, resident.idle().served());
        long calls = Files.readAllLines(folder.resolve("t")).size();
        assertTrue(calls < SYSTEM_CALLS, calls + " system calls");
    }

    // As of a daemon that has all the clients it takes.
    @Test
    void shouldNotWaitForLongForADaemonThatDoesNotAnswer() throws Exception {
        Files.createDirectory(fixture.place());
        try (ClientListener listener = ClientListener.open(fixture.place().resolve("daemon"), 1);
                MessageBuffer room = new MessageBuffer()) {
            long start = System.nanoTime();
            Command run = fixture.shell("exec $J run $G/hello.hvt a");
            assertEquals(new Command(0, GREETING + "a\n", ""), run);
            assertTrue(System.nanoTime() - start > 4_000_000_000L);
            // It comes to it now, and is not to run it again.
            try (Client late = listener.accept(room).orElseThrow()) {
                assertEquals(Client.Request.RUN, late.request());
                assertTrue(late.hello().isPresent());
                assertTrue(!late.waits());
            }
        }
    }

    // Asked after its client is gone, it can only be what came with the hello.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "$J run $G/hello.hvt a",
                "$J run --mem=16 --no-net-ring --time $G/hello.hvt a",
                "$J run --mem=16 -- $G/hello.hvt -- a",
                "$J run -- $G/hello.hvt",
                "$S --mem=16 -- $G/hello.hvt a",
                "$S --no-net-ring --mem=16 $G/hello.hvt",
                "$S.1 -- $G/hello.hvt",
                "$S.2 $G/hello.hvt"
            })
    void shouldHaveTheGuestOpenedInAdvance(String line) throws Exception {
        Files.createDirectory(fixture.place());
        try (ClientListener listener = ClientListener.open(fixture.place().resolve("daemon"), 20);
                MessageBuffer room = new MessageBuffer();
                BackgroundCommand run = fixture.begin("exec " + line);
                Client client = listener.accept(room).orElseThrow()) {
            assertEquals(Client.Request.RUN, client.request());
            assertTrue(client.hello().isPresent());
            ProcessHandle process = ProcessHandle.of(run.pid()).orElseThrow();
            process.destroyForcibly();
            process.onExit().join();
            String guest = Guests.prebuilt("hello.hvt").toString();
            int opened = client.open(guest, READ_NONBLOCK, 0);
            assertTrue(opened >= 0, "errno " + -opened);
            client.giveBack(opened);
        }
    }

    @Test
    void shouldRunNothingTwiceWhenADaemonHasBegunToListen() throws Exception {
        Files.createDirectory(fixture.place());
        try (ClientListener listener = ClientListener.open(fixture.place().resolve("daemon"), 20);
                MessageBuffer room = new MessageBuffer();
                BackgroundCommand run = fixture.begin("exec $J run $G/hello.hvt a")) {
            try (Client client = listener.accept(room).orElseThrow()) {
                assertEquals(Client.Request.RUN, client.request());
            }
            Command ended = run.await();
            assertEquals("", ended.stdout());
            assertTrue(ended.stderr().contains("the daemon ended while"), ended.stderr());
            assertEquals(1, ended.status());
        }
    }
}
