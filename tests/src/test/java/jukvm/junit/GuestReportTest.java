package jukvm.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jukvm.abi.Dialect;
import jukvm.abi.PrivilegeLevel;
import jukvm.call.Hypercall;
import jukvm.call.TrapFrame;
import jukvm.guest.Counters;
import jukvm.guest.Outcome;
import jukvm.guest.Registers;
import jukvm.guest.RunResult;
import jukvm.guest.Timeline;
import org.junit.jupiter.api.Test;

class GuestReportTest {
    private final ConsoleText console = new ConsoleText();

    private static RunResult result(Outcome outcome) {
        return new RunResult(
                outcome,
                new Timeline(
                        1_000_000, 1_000_000, 2_000_000, 2_500_000, 3_000_000, 0, 0, 4_000_000, 0),
                new Counters(
                        7,
                        2,
                        Map.of(Hypercall.PUTS, 3L, Hypercall.WALLTIME, 1L),
                        9,
                        0,
                        0,
                        Map.of()),
                PrivilegeLevel.RING_3,
                Dialect.HVT_2,
                RunResult.Start.COLD);
    }

    private String report(Outcome outcome) {
        return GuestReport.of("a.hvt", result(outcome), console);
    }

    private String heading(Outcome outcome) {
        return report(outcome).lines().findFirst().orElseThrow();
    }

    @Test
    void shouldSayAllOfAFault() {
        console.write(ByteBuffer.wrap("one\ntwo\n".getBytes(StandardCharsets.UTF_8)));
        Registers registers = new Registers(Map.of("rip", 0x100033L));
        assertEquals(
                """
                a.hvt: did it, rip=0x100033 (hvt 2, ring 3)
                console, 8 bytes:
                  one
                  two
                exit reason: TRAP
                registers: rip=0x100033
                code at rip: c6 05
                  at 0x100033 main
                phases: image read 0.000 ms, VM ready 1.000 ms, guest laid out 0.500 ms, \
                vCPU entered 0.500 ms, guest ended 1.000 ms, start to exit 3.000 ms
                counters: 7 exits, 2 traps, WALLTIME 1, PUTS 3
                """,
                report(
                        new Outcome.Faulted(
                                "TRAP",
                                "did it, rip=0x100033",
                                registers,
                                "c6 05",
                                List.of("0x100033 main"))));
    }

    @Test
    void shouldSayHowGuestsEnd() {
        assertEquals(
                "a.hvt: guest exited with status -1 (hvt 2, ring 3)",
                heading(new Outcome.Exited(-1)));
        assertEquals(
                "a.hvt: guest aborted (hvt 2, ring 3)",
                heading(new Outcome.Aborted(Optional.empty())));
        assertEquals(
                "a.hvt: guest aborted after an exception: rip=0x3 error=0x2 cr2=0xffffffffffffffff"
                        + " rsp=0x6 rflags=0x5 (hvt 2, ring 3)",
                heading(new Outcome.Aborted(Optional.of(new TrapFrame(-1, 2, 3, 4, 5, 6, 7)))));
        assertEquals(
                "a.hvt: guest stopped: its deadline of 1500ms expired (hvt 2, ring 3)",
                heading(new Outcome.DeadlineExpired(Duration.ofMillis(1500))));
        assertEquals("a.hvt: guest stopped (hvt 2, ring 3)", heading(new Outcome.Cancelled()));
        assertEquals(
                "a.hvt: no memory (hvt 2, ring 3)",
                heading(new Outcome.HostError("no memory", 12)));
    }

    @Test
    void shouldShowWhatNoTerminalObeys() {
        byte[] hostile = "a\tb\u001b[2J\u009bm\u007f\0\r\nc".getBytes(StandardCharsets.UTF_8);
        console.write(ByteBuffer.wrap(hostile));
        String shown = GuestReport.of("a.hvt", null, console);
        assertTrue(shown.endsWith(":\n  a\tb\\x1b[2J\\x9bm\\x7f\\x00\n  c\n"), shown);
        assertTrue(shown.startsWith("a.hvt: guest did not run to an end\n"), shown);
    }

    @Test
    void shouldShowTheEndOfALongText() {
        console.write(ByteBuffer.wrap("first\n".getBytes(StandardCharsets.UTF_8)));
        console.write(ByteBuffer.wrap("x".repeat(8191).getBytes(StandardCharsets.UTF_8)));
        console.write(ByteBuffer.wrap("y".getBytes(StandardCharsets.UTF_8)));
        String shown = GuestReport.of("a.hvt", null, console);
        assertTrue(
                shown.endsWith(
                        "console, 8198 bytes, the end of what was kept:\n  "
                                + "x".repeat(8191)
                                + "y\n"),
                shown);
    }
}
