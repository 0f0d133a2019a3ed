package jukvm.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import jukvm.abi.Dialect;
import jukvm.device.Devices;
import jukvm.device.WallClock;
import jukvm.hypercall.GuestHypercalls;
import jukvm.hypercall.Hypercall;
import jukvm.io.Poller;
import jukvm.kvm.Vcpu;
import jukvm.memory.GuestMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the loop makes of each way in which a guest can leave. */
final class VcpuLoopTest {
    private static final int MIB = 1 << 20;
    private static final int HLT = 5;
    private static final int SHUTDOWN = 8;
    private static final int PUTS = 0x503;
    private static final int HALT = 0x509;
    private static final int REQUEST = MIB;
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
        VcpuLoop loop = new VcpuLoop(vm, calls, calls.facts(), dialect, state, turn, null);
        assertTrue(state.start());
        vm.vcpu.attach();
        try {
            return loop.run();
        } finally {
            vm.vcpu.detach();
            turn.give();
        }
    }

    private void halt(int status) {
        memory.putU64(REQUEST, 0);
        memory.putU64(REQUEST + 8, status);
        vm.vcpu.out(HALT, REQUEST);
    }

    private void puts(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        memory.owned(TEXT, bytes.length).put(0, bytes);
        memory.putU64(REQUEST, TEXT);
        memory.putU64(REQUEST + 8, bytes.length);
        vm.vcpu.out(PUTS, REQUEST);
    }

    @Test
    void shouldStopBeforeTheGuestIsEntered() {
        RunState stopped = state;
        vm.vcpu.then(
                exit -> {
                    throw new AssertionError("it is entered");
                });
        stopped.stop(new Outcome.Cancelled());
        Outcome outcome =
                new VcpuLoop(
                                vm,
                                (port, memory, gpa) -> true,
                                Dialect.HVT_2
                                        .hypercalls(
                                                Devices.basic(
                                                        bytes -> {}, WallClock.host(), poller))
                                        .facts(),
                                Dialect.HVT_2,
                                stopped,
                                turn,
                                null)
                        .run();
        assertEquals(new Outcome.Cancelled(), outcome);
    }
}
