package jukvm.tests.leak;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;
import jukvm.call.Hypercall;
import jukvm.device.Console;
import jukvm.device.ConsoleCapture;
import jukvm.device.MemoryDisk;
import jukvm.device.SwitchPort;
import jukvm.device.VirtualSwitch;
import jukvm.guest.Limit;
import jukvm.guest.Outcome;
import jukvm.guest.RunResult;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestRun;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.tests.support.Code;
import jukvm.tests.support.Guests;
import jukvm.tests.support.Patience;
import jukvm.tests.support.Run;
import jukvm.tests.support.TinyGuest;

/**
 * Guests of many kinds on one monitor, of which each method runs one kind once and asserts that it
 * ended as it must. Thread-safe.
 */
final class Crowd {
    static final Duration DEADLINE = Duration.ofSeconds(1);

    // In the crowd, a guest that behaves has a small share of a processor.
    private static final Duration PATIENCE = Patience.of(Duration.ofMinutes(3));

    private static final int PINGS = 20;
    private static final int FLOOD = 4 << 20;
    private static final int DISK = 1 << 16;
    private static final int BLOCK = 512;

    private static final int SLEEPS = 20;
    private static final Duration NAP = Duration.ofMillis(5);
    private static final int PRINTED = 64;
    private static final byte[] SLEEPER = sleepOften();

    private final Monitor monitor;
    private final GuestImage echo = image("echo");
    private final GuestImage block = image("block");
    private final GuestImage sleep = TinyGuest.image("sleep", SLEEPER);
    private final GuestImage spin = image("spin");
    private final GuestImage writeText = image("write-text");
    private final GuestImage fault = image("fault");
    private final GuestImage flood = TinyGuest.image("flood", printForEver());
    private final GuestImage storm = TinyGuest.image("storm", askForEver());

    Crowd(Monitor monitor) {
        this.monitor = monitor;
    }

    private static GuestImage image(String name) {
        return GuestImage.read(Guests.prebuilt(name + ".hvt"));
    }

    // It prints its own code at the end.
    private static byte[] sleepOften() {
        Code code = new Code().store(TinyGuest.SCRATCH, NAP.toNanos());
        for (int i = 0; i < SLEEPS; i++) {
            code.call(Code.POLL, TinyGuest.SCRATCH);
        }
        return code.puts(TinyGuest.TEXT, PRINTED).done().bytes();
    }

    private static byte[] printForEver() {
        Code code = new Code().store(TinyGuest.CALL, TinyGuest.TEXT).store(TinyGuest.CALL + 8, 999);
        int start = code.here();
        return code.call(Code.PUTS, TinyGuest.CALL).jump(start).bytes();
    }

    private static byte[] askForEver() {
        Code code = new Code();
        return code.call(Code.WALLTIME, TinyGuest.CALL).jump(TinyGuest.TEXT).bytes();
    }

    private GuestSpec guest(GuestImage image) {
        return GuestSpec.of(image).memory(Run.MEMORY).deadline(PATIENCE);
    }

    /** Two guests: one pings the other over a switch and gets every answer. */
    void ping() throws Exception {
        ConsoleCapture asked = Console.capture(1000);
        ConsoleCapture answered = Console.capture(1000);
        try (VirtualSwitch network = VirtualSwitch.open();
                SwitchPort left = network.connect();
                SwitchPort right = network.connect();
                GuestRun answering =
                        monitor.start(
                                guest(echo)
                                        .arguments("limit=" + PINGS)
                                        .net("service0", left)
                                        .console(answered));
                GuestRun asking =
                        monitor.start(
                                guest(echo)
                                        .arguments(
                                                "address=10.0.0.3",
                                                "ping=10.0.0.2",
                                                "count=" + PINGS,
                                                "size=1000")
                                        .net("service0", right)
                                        .console(asked))) {
            assertEnd(0, asking.await(), asked);
            assertEnd(0, answering.await(), answered);
            assertEcho(3, right, PINGS + " sent, " + PINGS + " received\n", 0, asked);
            assertEcho(2, left, "", PINGS, answered);
            assertEquals(0, left.dropped() + right.dropped());
        }
    }

    private static void assertEnd(int status, RunResult result, ConsoleCapture console) {
        assertEquals(new Outcome.Exited(status), result.outcome(), console::text);
    }

    private static void assertEcho(
            int address, SwitchPort port, String pings, int echoed, ConsoleCapture console) {
        assertMatches(
                "echo \\(hvt 2\\)\nservice0: address 10.0.0."
                        + address
                        + ", MAC "
                        + port.mac()
                        + ", MTU is 1500\n(uses the ring\n)?"
                        + pings
                        + "service0: \\d+ received, "
                        + echoed
                        + " echoed, 0 dropped, 0 malformed\nSUCCESS\n",
                console);
    }

    private static void assertMatches(String expected, ConsoleCapture console) {
        assertTrue(console.text().matches(expected), console::text);
    }

    /** A guest that checks its disk, which then holds what it has written. */
    void store() throws InterruptedException {
        ConsoleCapture console = Console.capture(1000);
        MemoryDisk disk = MemoryDisk.of(DISK, BLOCK);
        RunResult result = monitor.run(guest(block).block("storage", disk).console(console));
        assertEnd(0, result, console);
        assertEquals(
                "block (hvt 2)\nstorage: 65536 bytes in blocks of 512\nSUCCESS\n", console.text());
        ByteBuffer bytes = ByteBuffer.allocate(DISK).order(ByteOrder.LITTLE_ENDIAN);
        disk.read(0, bytes);
        int last = DISK / BLOCK - 1;
        for (int i = 0; i <= last; i++) {
            boolean isWritten = i < 4 || i % 10 == 0 || i > last - 4;
            for (int k = 0; k < BLOCK / 8; k++) {
                long word = (i + 1) * 0x9e3779b97f4a7c15L + k * 0x100000001L;
                assertEquals(isWritten ? word : 0, bytes.getLong(i * BLOCK + k * 8));
            }
        }
    }

    /** A guest that sleeps again and again, and wakes when it wanted to or later. */
    void sleep() throws InterruptedException {
        ConsoleCapture console = Console.capture(1000);
        RunResult result = monitor.run(guest(sleep).console(console));
        assertEnd(Code.DONE, result, console);
        assertArrayEquals(Arrays.copyOf(SLEEPER, PRINTED), console.bytes());
        assertTrue(result.counters().waitedNanos() >= SLEEPS * NAP.toNanos());
        assertEquals(SLEEPS, result.counters().hypercalls().get(Hypercall.POLL));
    }

    /** A guest that never leaves. */
    void spin() throws InterruptedException {
        assertDeadline(monitor.run(guest(spin).deadline(DEADLINE)));
    }

    /** A guest that leaves again and again. */
    void storm() throws InterruptedException {
        assertDeadline(monitor.run(guest(storm).deadline(DEADLINE)));
    }

    private static void assertDeadline(RunResult result) {
        assertEquals(new Outcome.DeadlineExpired(DEADLINE), result.outcome());
        Duration took = Duration.ofNanos(result.timeline().startToExit());
        assertTrue(took.compareTo(DEADLINE) >= 0, "ended too early: " + took);
        assertTrue(took.compareTo(DEADLINE.plus(Run.LATE)) < 0, "ended too late: " + took);
    }

    /** A guest that prints until it is stopped for it. */
    void flood() throws InterruptedException {
        ConsoleCapture console = Console.capture(0);
        RunResult result = monitor.run(guest(flood).console(console).consoleBytes(FLOOD));
        assertEquals(new Outcome.LimitExceeded(Limit.CONSOLE, FLOOD), result.outcome());
        assertEquals(FLOOD, console.dropped());
    }

    /** Guests that do what they may not: one is stopped for it, one gives up. */
    void fail() throws InterruptedException {
        ConsoleCapture console = Console.capture(1000);
        RunResult written = monitor.run(guest(writeText).console(console));
        assertInstanceOf(Outcome.Faulted.class, written.outcome());
        assertEquals("writing to text\n", console.text());
        assertInstanceOf(Outcome.Aborted.class, monitor.run(guest(fault)).outcome());
    }
}
