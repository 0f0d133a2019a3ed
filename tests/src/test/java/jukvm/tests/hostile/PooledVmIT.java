package jukvm.tests.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import jukvm.device.Console;
import jukvm.guest.Outcome;
import jukvm.guest.PrivilegeMode;
import jukvm.guest.RunResult;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.tests.support.Code;
import jukvm.tests.support.Guests;
import jukvm.tests.support.HostCounters;
import jukvm.tests.support.OpenFiles;
import jukvm.tests.support.Patience;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Run;
import jukvm.tests.support.TinyGuest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** VMs that serve one guest after another: nothing passes from one to the next. */
@RequiresKvm
final class PooledVmIT {
    private static final long MEMORY = 16L << 20;

    // Of the processor: a busy host lets a deadline expire before a guest begins.
    private static final Duration A_LITTLE = Duration.ofMillis(20);

    private final Monitor monitor = Monitor.open();

    @AfterEach
    void close() {
        monitor.close();
    }

    private record Ended(RunResult result, String console) {}

    private static GuestSpec guest(String name, PrivilegeMode privilege, String... words) {
        return GuestSpec.of(GuestImage.read(Guests.prebuilt(name + ".hvt")))
                .memory(MEMORY)
                .privilege(privilege)
                .deadline(Run.LONG)
                .arguments(words);
    }

    private Ended run(GuestSpec guest) {
        ByteArrayOutputStream console = new ByteArrayOutputStream();
        RunResult result = Run.run(monitor, guest.console(Console.to(console)));
        return new Ended(result, console.toString(StandardCharsets.UTF_8));
    }

    private Ended run(String name, PrivilegeMode privilege, String... words) {
        return run(guest(name, privilege, words));
    }

    // A VM is cleaned after its guest's result is there: who comes before gets another.
    private void awaitThePooledVm() {
        long patience = System.nanoTime() + Run.LONG.toNanos();
        while (monitor.metrics().pooled().bytes() == 0 && System.nanoTime() < patience) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** Runs a guest on the one VM there is, which served the guest before. */
    private Ended runNext(GuestSpec guest) {
        awaitThePooledVm();
        Ended ended = run(guest);
        assertEquals(RunResult.Start.POOLED, ended.result.start());
        return ended;
    }

    private Ended runNext(String name, PrivilegeMode privilege, String... words) {
        return runNext(guest(name, privilege, words));
    }

    private static void assertSuccess(Ended ended) {
        Outcome outcome = ended.result.outcome();
        assertEquals("SUCCESS\n", ended.console, outcome::toString);
        assertEquals(new Outcome.Exited(0), outcome);
    }

    // A KVM that emulates ring 0 knows no more of vector registers than to move them.
    private String vectors(PrivilegeMode privilege) {
        boolean isNative = privilege == PrivilegeMode.RING_3 || monitor.ring0Support().isNative();
        return isNative ? "vectors" : "moves";
    }

    @ParameterizedTest
    @CsvSource({"RING_3", "RING_0"})
    void shouldLeaveNoTraceOfAGuestForTheNext(PrivilegeMode privilege) {
        assertSuccess(run("traces", privilege, "look", vectors(privilege)));
        for (int i = 0; i < Patience.fewer(20); i++) {
            assertSuccess(runNext("traces", privilege, "leave", vectors(privilege)));
            assertSuccess(runNext("traces", privilege, "look", vectors(privilege)));
        }
    }

    @ParameterizedTest
    @CsvSource({"RING_3", "RING_0"})
    void shouldLeaveNothingInAnyRegister(PrivilegeMode privilege) {
        String words = "sweep";
        String onANewVm;
        try (Monitor keepsNone = Monitor.open(0)) {
            Path traces = Guests.prebuilt("traces.hvt");
            onANewVm = Run.of(keepsNone, traces, privilege, "look", words).console();
        }
        assertTrue(onANewVm.contains("cr0 0x") && onANewVm.endsWith("SUCCESS\n"), onANewVm);
        assertSuccess(run("traces", privilege, "leave", words, vectors(privilege)));
        for (int i = 0; i < 2; i++) {
            assertSuccess(runNext("traces", privilege, "leave", words, vectors(privilege)));
            Ended found = runNext("traces", privilege, "look", words, vectors(privilege));
            assertEquals(onANewVm, found.console);
        }
    }

    /** A guest that ends amid an instruction, which it has the next to finish. */
    private record HalfDone(String name, PrivilegeMode privilege, Code code) {
        @Override
        public String toString() {
            return name + ", " + privilege;
        }
    }

    static List<HalfDone> halfDone() {
        Code insb =
                new Code()
                        .set(Code.RDI, TinyGuest.TEXT)
                        .set(Code.RCX, 1024)
                        .port(Code.PUTS)
                        .op("rep insb", "f3 6c");
        Code mapped =
                new Code()
                        .store(0x110000, 0x111003)
                        .store(0x111000, 0x112003)
                        .store(0x111000 + 8, 0x113003)
                        .store(0x112000, 0x83)
                        .store(0x113000, 5L << 30 | 0x83)
                        .control(3, 0x110000)
                        // Now the monitor's tables are memory: the second GiB becomes none in them.
                        .store(0x5000, 5L << 30 | 0x83)
                        .control(3, 0x2000)
                        .set(Code.RSI, 1L << 30)
                        .set(Code.RDI, TinyGuest.HEAP)
                        .set(Code.RCX, 8)
                        .op("rep movsq", "f3 48 a5");
        Code outsl = new Code().set(Code.RSI, TinyGuest.HEAP).set(Code.RCX, 64).port(Code.WALLTIME);
        outsl.op("rep outsl", "f3 6f");
        return List.of(
                new HalfDone(
                        "a store over two read-only pages",
                        PrivilegeMode.RING_0,
                        new Code().op("movups %xmm0, 0x100ff4", "0f 11 04 25 f4 0f 10 00")),
                new HalfDone("a port to read-only memory", PrivilegeMode.RING_0, insb),
                new HalfDone("from no memory, by tables of its own", PrivilegeMode.RING_0, mapped),
                new HalfDone("several calls", PrivilegeMode.RING_0, outsl),
                new HalfDone("several calls", PrivilegeMode.RING_3, outsl));
    }

    @ParameterizedTest
    @MethodSource("halfDone")
    void shouldNotHaveTheNextGuestFinishAnInstruction(HalfDone guest) {
        SelfPortrait portrait = SelfPortrait.at(guest.privilege);
        portrait.assertUnhurt(monitor, "nothing");
        for (int i = 0; i < Patience.fewer(5); i++) {
            RunResult result =
                    Run.run(
                            monitor,
                            GuestSpec.of(TinyGuest.image(guest.name, guest.code.bytes()))
                                    .memory(Hostile.MEMORY)
                                    .privilege(guest.privilege)
                                    .deadline(Run.LONG));
            assertInstanceOf(Outcome.Faulted.class, result.outcome());
            // A VM that was left amid an instruction may be given up.
            for (int k = 0; k < 3; k++) {
                portrait.assertUnhurt(monitor, guest);
            }
        }
    }

    // At ring 0 a VM serves guests whose read-only pages are the same.
    @ParameterizedTest
    @CsvSource({"RING_3", "RING_0"})
    void shouldServeAfterAGuestThatWasStopped(PrivilegeMode privilege) {
        SelfPortrait portrait = SelfPortrait.at(privilege);
        portrait.assertUnhurt(monitor, "nothing");
        GuestImage spin = TinyGuest.image("spin", new Code().jump(TinyGuest.TEXT).bytes());
        for (int i = 0; i < Patience.fewer(10); i++) {
            awaitThePooledVm();
            RunResult result =
                    Run.run(
                            monitor,
                            GuestSpec.of(spin)
                                    .memory(Hostile.MEMORY)
                                    .privilege(privilege)
                                    .cpuTime(A_LITTLE));
            assertInstanceOf(Outcome.LimitExceeded.class, result.outcome());
            assertEquals(RunResult.Start.POOLED, result.start());
            awaitThePooledVm();
            assertEquals(RunResult.Start.POOLED, portrait.assertUnhurt(monitor, "spin"));
        }
    }

    // At ring 3 no guest can set it.
    @Test
    void shouldCountTimeAsIfTheGuestBeforeHadNotSetTheCounter() {
        byte[] sets = new Code().wrmsr(0x10, 1L << 60).done().bytes();
        byte[] tells =
                new Code().op("rdtsc", "0f 31").op("mov %edx, %eax", "89 d0").haltWithRax().bytes();
        assertEquals(new Outcome.Exited(Code.DONE), runAtRing0("sets", sets).outcome());
        for (int i = 0; i < 3; i++) {
            awaitThePooledVm();
            RunResult told = runAtRing0("tells", tells);
            assertEquals(RunResult.Start.POOLED, told.start());
            Outcome.Exited exited = assertInstanceOf(Outcome.Exited.class, told.outcome());
            assertTrue(exited.status() < 1 << 27, "a high word of " + exited.status());
            awaitThePooledVm();
            assertEquals(RunResult.Start.POOLED, runAtRing0("sets", sets).start());
        }
    }

    private RunResult runAtRing0(String name, byte[] code) {
        return Run.run(
                monitor,
                GuestSpec.of(TinyGuest.image(name, code))
                        .memory(Hostile.MEMORY)
                        .privilege(PrivilegeMode.RING_0)
                        .deadline(Run.LONG));
    }

    @Test
    void shouldServeAfterGuestsOfAllEnds() {
        PrivilegeMode privilege = PrivilegeMode.RING_3;
        assertSuccess(run("traces", privilege, "look"));
        for (int i = 0; i < Patience.fewer(10); i++) {
            Ended spun = runNext(guest("spin", privilege).cpuTime(A_LITTLE));
            assertInstanceOf(Outcome.LimitExceeded.class, spun.result.outcome());
            assertSuccess(runNext("traces", privilege, "look"));
            assertInstanceOf(
                    Outcome.Faulted.class, runNext("write-text", privilege).result.outcome());
            assertSuccess(runNext("traces", privilege, "look"));
            assertInstanceOf(Outcome.Aborted.class, runNext("fault", privilege).result.outcome());
            assertSuccess(runNext("traces", privilege, "look"));
        }
    }

    @Test
    void shouldNotGiveAVmOfOneSizeToAGuestOfAnother() {
        run("hello", PrivilegeMode.RING_3, "x");
        awaitThePooledVm();
        Path hello = Guests.prebuilt("hello.hvt");
        RunResult larger =
                Run.run(
                        monitor,
                        GuestSpec.of(GuestImage.read(hello))
                                .memory(2 * MEMORY)
                                .privilege(PrivilegeMode.RING_3));
        assertEquals(RunResult.Start.COLD, larger.start());
    }

    @Test
    void shouldKeepNothingIfToldTo() throws Exception {
        try (Monitor cold = Monitor.open(0)) {
            runCold(cold, 2); // After which a vCPU stands, of no guest's.
            OpenFiles before = OpenFiles.ofGuests();
            runCold(cold, 5);
            before.assertNothingMore();
        }
    }

    private static void runCold(Monitor monitor, int guests) {
        for (int i = 0; i < guests; i++) {
            Run run = Run.of(monitor, Guests.prebuilt("hello.hvt"), PrivilegeMode.RING_3, "x");
            assertEquals(RunResult.Start.COLD, run.result().start());
        }
    }

    @Test
    void shouldReturnEverythingWhenClosed() throws Exception {
        HostCounters before = HostCounters.now();
        try (Monitor kept = Monitor.open()) {
            List<Thread> callers = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                callers.add(
                        new Thread(
                                () -> {
                                    for (int k = 0; k < Patience.fewer(20); k++) {
                                        Run.of(
                                                kept,
                                                Guests.prebuilt("hello.hvt"),
                                                PrivilegeMode.RING_3,
                                                "x");
                                    }
                                }));
            }
            callers.forEach(Thread::start);
            for (Thread caller : callers) {
                caller.join();
            }
        }
        before.assertGivenBack();
    }
}
