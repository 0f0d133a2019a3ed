package jukvm.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import jukvm.abi.PrivilegeLevel;
import jukvm.device.AttachedNet;
import jukvm.device.SwitchPort;
import jukvm.guest.Outcome;
import jukvm.guest.PrivilegeMode;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests as an embedder writes them, most of which fail: UnikernelIT runs them one by one. */
final class TrialGuests {
    static final String HELLO = "hello.hvt";
    static final String DISK = "target/trial-disk.img";

    /** What was known of the last guest with a network. */
    static String told = "";

    @Test
    @Unikernel(
            value = HELLO,
            arguments = {"Hello", "exit=3"},
            memory = 16,
            privilege = PrivilegeMode.RING_3,
            deadline = "20s",
            expectStatus = 3,
            expectConsole = {"Hello from", "command line: Hello"},
            within = "20s")
    void passing(Guest guest) throws InterruptedException {
        assertThrows(IllegalStateException.class, guest::result);
        assertThrows(IllegalStateException.class, guest::await);
        assertEquals(3, guest.run().status());
        assertEquals(PrivilegeLevel.RING_3, guest.result().privilege());
        assertTrue(guest.console().endsWith("command line: Hello exit=3\n"), guest.console());
        assertThrows(IllegalStateException.class, guest::run);
    }

    @Test
    @Unikernel(value = HELLO, memory = 16)
    void runByNobody() {}

    @Test
    @Unikernel(value = HELLO, memory = 16, arguments = "exit=7")
    void runByNobodyToNoGoodEnd() {}

    @Test
    void severalAtOnce(
            @Unikernel(value = HELLO, memory = 16, arguments = "exit=1") Guest one,
            @Unikernel(value = HELLO, memory = 16, arguments = "exit=2") Guest two)
            throws InterruptedException {
        two.start();
        assertEquals(1, one.run().status());
        assertEquals(2, two.await().status());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 255})
    @Unikernel(value = "fault.hvt", memory = 16, arguments = "invalid", expectStatus = 255)
    void withValues(int value, Guest guest) throws InterruptedException {
        assertEquals(255, guest.run().status());
        assertTrue(value >= 0);
    }

    @Test
    @Unikernel(value = HELLO, memory = 16, arguments = "exit=7", expectStatus = 0)
    void wrongStatus(Guest guest) throws InterruptedException {
        guest.run();
    }

    @Test
    @Unikernel(
            value = HELLO,
            memory = 16,
            arguments = "\u001b[31m",
            expectConsole = {"Hello from", "Hello from"})
    void wrongConsole(Guest guest) throws InterruptedException {
        guest.run();
    }

    @Test
    @Unikernel(value = HELLO, memory = 16, arguments = "late", within = "1us")
    void overBudget(Guest guest) throws InterruptedException {
        guest.run();
    }

    @Test
    @Unikernel(value = "write-text.hvt", memory = 16)
    void faulting(Guest guest) throws InterruptedException {
        guest.run(); // Nothing is expected of it.
        guest.status();
    }

    @Test
    @Unikernel("nowhere.hvt")
    void missing() {}

    @Test
    @Unikernel(value = HELLO, memory = 16, block = "storage")
    void deviceWithoutAValue() {}

    @Test
    @Unikernel(value = HELLO, deadline = "soon")
    void deadlineThatIsNone() {}

    @Test
    @Unikernel(value = "spin.hvt", memory = 16, deadline = "2s", expectStatus = 0)
    void pastItsDeadline(Guest guest) throws InterruptedException {
        guest.run();
    }

    @Test
    @Unikernel(value = "spin.hvt", memory = 16, deadline = "200ms")
    void pastItsDeadlineAsItMay(Guest guest) throws InterruptedException {
        assertEquals(
                new Outcome.DeadlineExpired(Duration.ofMillis(200)),
                guest.run().result().outcome());
    }

    @Test
    @Unikernel(value = "spin.hvt", memory = 16)
    void stopped(Guest guest) throws InterruptedException {
        guest.start().stop();
        assertEquals(new Outcome.Cancelled(), guest.await().result().outcome());
    }

    @Test
    @Timeout(2)
    @Unikernel(value = "spin.hvt", memory = 16)
    void interrupted(Guest guest) throws InterruptedException {
        guest.run();
    }

    @Test
    @Unikernel(value = "spin.hvt", memory = 16)
    void leftRunning(Guest guest) {
        guest.start();
    }

    @Test
    @Unikernel(value = HELLO, memory = 16, arguments = "first")
    void ownAssertion(Guest guest, @Unikernel(value = HELLO, arguments = "second") Guest other)
            throws InterruptedException {
        guest.run();
        other.run();
        assertNotEquals(0, other.status());
    }

    @Test
    @Unikernel(value = "spin.hvt", memory = 16)
    void assumption(Guest guest) {
        guest.start();
        Assumptions.abort("not today");
    }

    @Test
    @Unikernel(value = "block.hvt", memory = 16, block = "storage=64KiB")
    void diskInMemory() {}

    @Test
    @Unikernel(value = "block.hvt", memory = 16, block = "storage=" + DISK + ":overlay")
    void diskThatStaysAsItIs() {}

    @Test
    @Unikernel(
            value = "block.hvt",
            memory = 16,
            arguments = "ro",
            block = "storage=" + DISK + ":ro")
    void diskToRead() {}

    @Test
    @Unikernel(value = "block.hvt", memory = 16, block = "storage=" + DISK)
    void diskToWrite() {}

    @Test
    @Unikernel(value = "echo.hvt", memory = 16, net = "service0", capture = true)
    void network(Guest guest) throws Exception {
        told = guest.evidence().text();
        SwitchPort port = guest.network().connect();
        guest.start();
        assertTrue(port.await(Duration.ofMinutes(1)), guest.console()); // It greets by ARP.
        guest.stop();
        AttachedNet.Counters counters = guest.await().result().counters().nets().get("service0");
        assertEquals(1, Objects.requireNonNull(counters).framesWritten());
    }

    @Test
    @Unikernel(
            value = "echo.hvt",
            memory = 16,
            net = "service0",
            capture = true,
            deadline = "1s",
            expectStatus = 0)
    void captured() {}

    @Test
    @Unikernel(
            value = "time.hvt",
            memory = 16,
            record = true,
            expectStatus = 7,
            expectConsole = "SUCCESS")
    void recorded() {}

    @Test
    @Unikernel(
            value = "echo.hvt",
            memory = 16,
            net = "service0",
            record = true,
            deadline = "2s",
            expectStatus = 0)
    void recordedPastItsDeadline() {}

    /** Tests whose set-up has a part in it. */
    static final class WithSetUp {
        private String seen = "";

        @BeforeEach
        void runFirst(Guest guest) throws InterruptedException {
            seen = guest.run().console();
        }

        @Test
        @Unikernel(value = HELLO, memory = 16, arguments = "before")
        void setUp(Guest guest) {
            assertTrue(seen.contains("command line: before"), seen);
            assertEquals(seen, guest.console());
        }
    }

    /** Tests that count the monitors. */
    static final class WithMonitor {
        static final Set<Long> SEEN = new HashSet<>();

        @Test
        @Unikernel(value = HELLO, memory = 16)
        void one() throws IOException {
            SEEN.add(UnikernelIT.monitors());
        }

        @Test
        @Unikernel(value = HELLO, memory = 16)
        void two() throws IOException {
            SEEN.add(UnikernelIT.monitors());
        }
    }
}
