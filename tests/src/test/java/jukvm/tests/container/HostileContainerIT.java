package jukvm.tests.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Random;
import jukvm.tests.support.BackgroundCommand;
import jukvm.tests.support.Command;
import jukvm.tests.support.DaemonFixture;
import jukvm.tests.support.Guests;
import jukvm.tests.support.OpenFiles;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.RequiresProgram;
import jukvm.tests.support.Soak;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Containers whose guests run in the node's JVM, and whose process is another than ours, or ends at
 * any moment: others lose nothing, and nothing is left. More often with {@code -Psoak}; {@code
 * -Djukvm.seed} does the same again.
 */
@Soak
@RequiresKvm
@RequiresProgram({"runc", "gcc"})
final class HostileContainerIT {
    private static final int TIMES = Integer.getInteger("jukvm.soak.times", Soak.LONG ? 100 : 2);
    private static final int KILLS = Integer.getInteger("jukvm.soak.kills", Soak.LONG ? 300 : 12);
    private static final int LONGEST_MILLIS = 40;
    private static final long SEED = Long.getLong("jukvm.seed", System.nanoTime());
    private static final String GREETING = "Hello from a jukvm guest (hvt 2)\ncommand line: ";

    // In place of the node's client, which the container has as /jukvm-guest.
    private static final String LOW_LEVEL =
            """
            #!/bin/sh
            sed -i -e 's#"source":"[^"]*/client"#"source":"PROGRAM"#' \\
                -e 's#"/jukvm-guest","3"#&,"DEED","SEED"#' "$B/config.json"
            grep -q '"DEED","SEED"' "$B/config.json" && exec runc "$@"
            """;

    @TempDir private static Path common;
    private static DaemonFixture daemon;
    private static long pid;

    @TempDir private Path folder;
    private RuncBundle bundle;
    private String config;

    @BeforeAll
    static void start() throws Exception {
        Path source = Guests.ROOT.resolve("tests/src/test/c/hostile_container.c");
        Path protocol = Guests.ROOT.resolve("native-stubs/src/main/c");
        String compile = "gcc -O1 -static -I " + protocol + " -o " + common + "/hostile " + source;
        Command compiled = Command.sh(compile);
        assertEquals(0, compiled.status(), compiled::toString);
        daemon = DaemonFixture.common();
        pid = daemon.startDaemon();
        System.out.println("HostileContainerIT: -Djukvm.seed=" + SEED);
    }

    @AfterAll
    static void stop() {
        daemon.close();
    }

    @BeforeEach
    void makeBundle() throws Exception {
        String options = "--low-level=" + lowLevel() + " --jvm=node --daemon=" + daemon.runtime();
        List<String> guests = List.of("poll.hvt", "hello.hvt");
        bundle = new RuncBundle(folder, guests, DockerFixture.RUNTIME, options);
        bundle.configure("\"/poll.hvt\",\"forever\"");
        config = Files.readString(bundle.config);
        Files.writeString(lowLevel(), "#!/bin/sh\nexec runc \"$@\"\n");
        Files.setPosixFilePermissions(lowLevel(), PosixFilePermissions.fromString("rwx------"));
    }

    @AfterEach
    void removeContainer() throws Exception {
        bundle.remove();
    }

    private Path lowLevel() {
        return folder.resolve("low-level");
    }

    private void become(String deed, long seed) throws IOException {
        String script = LOW_LEVEL.replace("PROGRAM", common + "/hostile").replace("DEED", deed);
        Files.writeString(lowLevel(), script.replace("SEED", seed + ""));
        Files.writeString(bundle.config, config);
    }

    /** Has a guest start and end, and another that waits be stopped. */
    private static void assertOthersAreServed() throws Exception {
        long served = daemon.status().served();
        Command hello = daemon.shell("exec $J run $G/hello.hvt a");
        assertEquals(new Command(0, GREETING + "a\n", ""), hello);
        try (BackgroundCommand waiting = daemon.begin("exec $J run $G/poll.hvt forever")) {
            waiting.awaitOutput("poll");
            Command stopped = waiting.stop();
            assertEquals(1, stopped.status(), stopped::toString);
            assertTrue(stopped.stderr().endsWith("stopped by a signal\n"), stopped::toString);
        }
        // Their clients are told of the end a moment before.
        long start = System.nanoTime();
        while (daemon.status().served() < served + 2) {
            assertTrue(System.nanoTime() - start < Command.PATIENCE.toNanos(), "not by the daemon");
            Thread.sleep(1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"junk", "claim", "answers", "vanish", "silence", "flood", "descriptors"})
    void shouldNotBeHarmedByTheContainersProcess(String deed) throws Exception {
        Random random = new Random(SEED);
        assertOthersAreServed();
        OpenFiles open =
                OpenFiles.of(pid, "socket:", "pipe:", "/memfd:guest", "pidfd:", "anon_inode:");
        for (int i = 0; i < TIMES; i++) {
            become(deed, random.nextInt(Integer.MAX_VALUE));
            bundle.create();
            bundle.start();
            if (List.of("flood", "descriptors").contains(deed)) {
                bundle.awaitOutput("poll"); // Its guest runs before.
            }
            assertOthersAreServed();
            bundle.remove();
            assertEquals(pid, daemon.idle().pid());
        }
        open.assertNothingMore();
        bundle.assertNothingIsLeft();
    }

    @Test
    void shouldLoseNothingIfTheContainersProcessIsKilledAtAnyMoment() throws Exception {
        Random random = new Random(SEED);
        try (BackgroundCommand other = daemon.begin("exec $J run $G/poll.hvt forever")) {
            other.awaitOutput("poll");
            OpenFiles open = OpenFiles.ofGuests(pid);
            for (int i = 0; i < KILLS; i++) {
                Files.writeString(bundle.config, config);
                bundle.create();
                assertEquals(2, daemon.status().guests());
                if (i > 0) {
                    bundle.start();
                    Thread.sleep(random.nextInt(LONGEST_MILLIS));
                }
                bundle.remove();
                assertEquals(pid, daemon.awaitGuests(1).pid());
            }
            open.assertNothingMore();
            bundle.assertNothingIsLeft();
            assertTrue(other.isAlive());
            assertEquals(1, other.stop().status());
        }
        assertOthersAreServed();
    }
}
