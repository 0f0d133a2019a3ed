package jukvm.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import jukvm.abi.Dialect;
import jukvm.call.Hypercall;
import jukvm.control.ManualTime;
import jukvm.control.RunState;
import jukvm.control.VcpuScheduler;
import jukvm.device.Devices;
import jukvm.device.WallClock;
import jukvm.guest.Outcome;
import jukvm.hypercall.GuestHypercalls;
import jukvm.io.Poller;
import jukvm.kvm.Vcpu;
import jukvm.memory.GuestMemory;
import jukvm.vm.FakeVm;
import jukvm.vm.ResumePoint;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the loop makes of each way in which a guest can leave. */
final class VcpuLoopTest {
    private static final int MIB = 1 << 20;
    private static final int HLT = 5;
    private static final int SHUTDOWN = 8;
    private static final int PUTS = 0x502;
    private static final int HALT = 0x508;
    private static final int HALTING = MIB;
    private static final int PRINTING = MIB + 32;
    private static final int TEXT = MIB + 64;

    private final GuestMemory memory = GuestMemory.allocate(2 * MIB);
    private final FakeVm vm = new FakeVm(memory);
    private final RunState state = new RunState();
    private final VcpuScheduler.Turn turn = new VcpuScheduler(new ManualTime(), 1).turn();
    private final Poller poller = new Poller(turn::give);
    private final List<String> printed = new ArrayList<>();

    @AfterEach
    void close() {
        poller.close();
        memory.close();
    }

    private Outcome run(Dialect dialect) {
        Devices devices =
                Devices.basic(
                        bytes -> printed.add(StandardCharsets.UTF_8.decode(bytes).toString()),
                        WallClock.host(),
                        poller);
        GuestHypercalls calls = dialect.hypercalls(devices);
        VcpuLoop loop = new VcpuLoop(vm, vm.vcpu, calls, calls.facts(), dialect, state, turn, null);
        vm.vcpu.attach();
        try {
            return loop.run();
        } finally {
            vm.vcpu.detach();
            turn.give();
        }
    }

    private VcpuLoopTest guestHalts(int status) {
        memory.putU64(HALTING, 0);
        memory.putU64(HALTING + 8, status);
        vm.vcpu.out(HALT, HALTING);
        return this;
    }

    private VcpuLoopTest guestPrints(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        memory.owned(TEXT, bytes.length).put(0, bytes);
        memory.putU64(PRINTING, TEXT);
        memory.putU64(PRINTING + 8, bytes.length);
        vm.vcpu.out(PUTS, PRINTING);
        return this;
    }

    private static String message(Outcome outcome) {
        return assertInstanceOf(Outcome.Faulted.class, outcome).message();
    }

    @Test
    void shouldAnswerHypercallsUntilTheGuestHalts() {
        guestPrints("hello").guestHalts(7);
        assertEquals(new Outcome.Exited(7), run(Dialect.HVT_2));
        assertEquals(List.of("hello"), printed);
    }

    @Test
    void shouldTellAnAbort() {
        guestHalts(255);
        assertInstanceOf(Outcome.Aborted.class, run(Dialect.HVT_2));
    }

    @Test
    void shouldTakeHltForTheEndWhereTheDialectDoes() {
        vm.vcpu.leave(HLT);
        assertEquals(new Outcome.Exited(0), run(Dialect.UKVM_0_2));
        vm.vcpu.leave(HLT);
        assertTrue(message(run(Dialect.HVT_2)).contains("guest executed HLT"));
    }

    @Test
    void shouldEndAGuestThatBreaksItsContract() {
        vm.vcpu.out(0x77, 0);
        assertTrue(message(run(Dialect.HVT_2)).contains("0x77"));
        vm.vcpu.out(PUTS, -16);
        assertInstanceOf(Outcome.Faulted.class, run(Dialect.HVT_2));
        vm.vcpu.leave(SHUTDOWN);
        assertTrue(message(run(Dialect.HVT_2)).contains("triple fault"));
        vm.vcpu.then(exit -> Vcpu.Return.FAULT);
        assertTrue(message(run(Dialect.HVT_2)).contains("translation fault"));
        vm.vcpu.leave(4711);
        assertTrue(message(run(Dialect.HVT_2)).contains("0x1267"));
    }

    @Test
    void shouldNotEnterAGuestThatIsStopped() {
        state.stop(new Outcome.Cancelled());
        vm.vcpu.then(
                exit -> {
                    throw new AssertionError("it is entered");
                });
        assertEquals(new Outcome.Cancelled(), run(Dialect.HVT_2));
    }

    // Asked for while the guest makes a hypercall, which is still answered.
    @Test
    void shouldStopAGuestThatComputes() {
        guestPrints("first");
        vm.vcpu.then(
                exit -> {
                    state.stop(new Outcome.Cancelled());
                    vm.vcpu.kick();
                    return Vcpu.Return.INTERRUPTED;
                });
        assertEquals(new Outcome.Cancelled(), run(Dialect.HVT_2));
        assertEquals(List.of("first"), printed);
    }

    // A signal that nobody sent on its behalf, as a debugger's.
    @Test
    void shouldGoOnAfterAnInterruptThatIsNoStop() {
        vm.vcpu.then(exit -> Vcpu.Return.INTERRUPTED);
        guestHalts(0);
        assertEquals(new Outcome.Exited(0), run(Dialect.HVT_2));
    }

    @Test
    void shouldWaitForItsTurnAgainOnceItIsTaken() {
        vm.vcpu.then(
                exit -> {
                    turn.give();
                    return Vcpu.Return.INTERRUPTED;
                });
        guestHalts(0);
        assertEquals(new Outcome.Exited(0), run(Dialect.HVT_2));
    }

    @Test
    void shouldAnswerTheCallAtWhichASnapshotWasTakenFirst() {
        memory.putU64(HALTING, 0);
        memory.putU64(HALTING + 8, 3);
        GuestHypercalls calls =
                Dialect.HVT_2.hypercalls(Devices.basic(bytes -> {}, WallClock.host(), poller));
        ResumePoint from = new ResumePoint(null, HALT, HALTING, null);
        VcpuLoop loop =
                new VcpuLoop(vm, vm.vcpu, calls, calls.facts(), Dialect.HVT_2, state, turn, from);
        assertEquals(new Outcome.Exited(3), loop.run());
        assertEquals(0, loop.exits());
        assertEquals(Map.of(Hypercall.HALT, 1L), calls.facts().calls());
    }
}
