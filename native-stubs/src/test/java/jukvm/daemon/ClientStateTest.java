package jukvm.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import jukvm.error.HostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientStateTest {
    private static final long PATIENCE_NANOS = 30_000_000_000L;

    private static void signal(Process to, String name) throws Exception {
        String[] kill = {"sh", "-c", "kill -" + name + " " + to.pid()};
        assertEquals(0, new ProcessBuilder(kill).start().waitFor());
    }

    private static void await(ClientState state, boolean stopped) throws Exception {
        long start = System.nanoTime();
        while (state.isStopped() != stopped) {
            assertFalse(System.nanoTime() - start > PATIENCE_NANOS, "stopped: " + !stopped);
            Thread.sleep(1);
        }
    }

    @Test
    void shouldTellWhetherAProcessIsStopped() throws Exception {
        Process process = new ProcessBuilder("sleep", "60").start();
        try (ClientState state = ClientState.of((int) process.pid())) {
            assertFalse(state.isStopped());
            for (int i = 0; i < 2; i++) {
                signal(process, "STOP");
                await(state, true);
                signal(process, "CONT");
                await(state, false);
            }
            signal(process, "STOP");
            await(state, true);
            process.destroyForcibly().waitFor();
            assertFalse(state.isStopped(), "it has ended");
        } finally {
            process.destroyForcibly();
        }
    }

    // Whose name can have anything in it.
    @Test
    void shouldNotBeMisledByItsName() throws Exception {
        String renamed = "printf ') T (' >/proc/self/comm; read x";
        Process process = new ProcessBuilder("sh", "-c", renamed).start();
        try (ClientState state = ClientState.of((int) process.pid())) {
            assertFalse(state.isStopped());
            signal(process, "STOP");
            await(state, true);
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void shouldKnowNothingOfAProcessThatIsNotToBeSeen() {
        assertThrows(HostException.class, () -> ClientState.of(0));
    }

    @ParameterizedTest
    @CsvSource({
        "6:freezer:/docker/a,0::/docker/b, /sys/fs/cgroup/freezer/docker/a/freezer.state",
        "0::/system.slice/a:b.scope,1:cpu:/, /sys/fs/cgroup/system.slice/a:b.scope/cgroup.events",
        "6:freezer:/,0::/, ''",
        "nonsense,,''"
    })
    void shouldKnowWhereAControlGroupTellsThatItIsFrozen(String first, String second, String file) {
        List<String> lines = Stream.of(first, second).filter(Objects::nonNull).toList();
        assertEquals(file, ClientState.groupFile(lines));
    }

    @Test
    void shouldUnderstandBothVersionsOfControlGroups() {
        assertTrue(ClientState.isFrozen("FROZEN\n"));
        assertTrue(ClientState.isFrozen("populated 1\nfrozen 1\n"));
        for (String text : List.of("FREEZING\n", "THAWED\n", "populated 1\nfrozen 0\n", "")) {
            assertFalse(ClientState.isFrozen(text), text);
        }
    }
}
