package jukvm.tests.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import jukvm.tests.support.BackgroundCommand;
import jukvm.tests.support.Command;
import jukvm.tests.support.Guests;
import jukvm.tests.support.Namespace;
import jukvm.tests.support.RequiresProgram;
import jukvm.tests.support.RequiresRoot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The hook that wires a container's network, killed before each program that it runs: the next one
 * makes of what is there what it makes of nothing.
 */
@RequiresRoot
@RequiresProgram({"ip", "tc", "nft", "setsid"})
final class NetworkHookIT {
    private static final Path SCRIPT = Guests.ROOT.resolve("cli/src/main/launcher/network.sh");
    private static final String PATHS = "PATH=";
    private static final int NEVER = 0;
    private static final int KILLED = 128 + 9;

    // Kills all of the hook, itself too, when its turn has come.
    private static final String PROGRAM =
            """
            #!/bin/sh
            echo >>COUNT
            [ "$(wc -l <COUNT)" != "$KILL_AT" ] || kill -9 0
            PATH=${PATH#*:} exec NAME "$@"
            """;
    private static final String STATE =
            "set +e; { ip rule; ip route show table 27136; ip address show dev jukvm0 | grep -o 'inet .*';"
                    + " tc qdisc show dev eth0; tc filter show dev eth0 parent ffff:"
                    + " | sed 's/ index [0-9]*//'; nft list ruleset;"
                    + " cat /proc/sys/net/ipv4/conf/eth0/forwarding; } 2>/dev/null";

    @TempDir Path folder;

    private Namespace own;
    private Namespace world;
    private BackgroundCommand container;
    private Path hook;

    @BeforeEach
    void makeNetwork() throws Exception {
        own = Namespace.open();
        world = Namespace.open();
        own.join(world, "10.0.0.2/24", "10.0.0.1/24", 1400);
        container = start();
        Path programs = Files.createDirectory(folder.resolve("programs"));
        for (String name : List.of("ip", "tc", "nft")) {
            Path program = programs.resolve(name);
            String text = PROGRAM.replace("COUNT", folder + "/count").replace("NAME", name);
            Files.writeString(program, text);
            Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        String script = Files.readString(SCRIPT);
        assertTrue(script.contains("\n" + PATHS), script);
        hook = folder.resolve("network.sh");
        Files.writeString(hook, script.replace("\n" + PATHS, "\n" + PATHS + programs + ":"));
    }

    @AfterEach
    void removeNetwork() throws Exception {
        container.close();
        own.close();
        world.close();
    }

    private BackgroundCommand start() throws Exception {
        return BackgroundCommand.start(own.line(List.of("sleep", "1000")));
    }

    /** Runs the hook, which is killed before it runs so many programs, or never. */
    private int run(String words, int killAt) throws Exception {
        Files.writeString(folder.resolve("count"), "");
        Map<String, String> environment = Map.of("KILL_AT", killAt + "");
        String line =
                "echo '{\"pid\": %s}' | setsid --wait sh %s %s"
                        .formatted(
                                container.pid(), hook, words.replace("NAMESPACE", own.path() + ""));
        Command command = Command.program(Command.PATIENCE, environment, "sh", "-c", line);
        assertTrue(command.status() == 0 || command.status() == KILLED, command::toString);
        return command.status();
    }

    private void assertMakesTheSame(boolean isShared) throws Exception {
        String up = "up 1 0 none NAMESPACE";
        String down = "down 1 NAMESPACE";
        String nothing = own.shell(STATE);
        assertEquals(0, run(up, NEVER));
        String wired = own.shell(STATE);
        assertEquals(isShared, wired.contains("fwmark"), wired);
        assertEquals(!isShared, wired.contains("mirred"), wired);
        assertEquals(0, run(down, NEVER));
        assertEquals(nothing, own.shell(STATE));
        for (String words : List.of(up, down)) {
            int at = 1;
            while (run(words, at) == KILLED) {
                assertEquals(0, run(up, NEVER), "killed at " + at);
                assertEquals(wired, own.shell(STATE), words + ", killed at " + at);
                // That of a container that never came to be.
                assertEquals(0, run(down, NEVER), "killed at " + at);
                assertEquals(nothing, own.shell(STATE), words + ", killed at " + at);
                if (words.equals(down)) {
                    assertEquals(0, run(up, NEVER));
                }
                at++;
            }
            assertTrue(at > 3, words + " runs no more than " + at + " programs");
            // The last was not killed: it has wired it, for what is to take that down.
        }
        assertEquals(nothing, own.shell(STATE));
        assertFalse(own.shell("ip -o link").contains("jukvm"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldNotBeMisledByWhatAKilledHookLeft(boolean isShared) throws Exception {
        if (isShared) {
            try (BackgroundCommand other = start()) {
                assertMakesTheSame(true);
                assertTrue(other.isAlive());
            }
        } else {
            assertMakesTheSame(false);
        }
    }
}
