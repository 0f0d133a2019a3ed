package jukvm.process;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import jukvm.testing.ChildJvm;
import jukvm.testing.Waiting;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EndSignalsTest {
    /** Says when it hears, and what came. */
    static final class Hearer {
        public static void main(String[] args) {
            EndSignals signals = EndSignals.hear();
            System.out.println("hears");
            boolean isHeard = signals.await() == EndSignals.Heard.END;
            System.out.println(isHeard ? "heard" : "closed");
            signals.close();
            System.out.println("handled as before");
            new Semaphore(0).acquireUninterruptibly();
        }
    }

    private static Process start(String binding, String before) throws Exception {
        ProcessBuilder hearer = ChildJvm.of(binding, Hearer.class);
        // Whoever runs the tests may ignore some.
        List<String> line = new ArrayList<>(List.of("env", "--default-signal"));
        line.addAll(List.of("sh", "-c", before + " exec \"$@\"", "sh"));
        line.addAll(hearer.command());
        line.add(line.indexOf("-cp"), "-XX:+ReduceSignalUsage");
        return hearer.command(line).start();
    }

    private static void send(String signal, Process to) throws Exception {
        String[] kill = {"sh", "-c", "kill -" + signal + " " + to.pid()};
        assertEquals(0, new ProcessBuilder(kill).start().waitFor());
    }

    // The last signal has its own effect again: the status of one that ends a process.
    @ParameterizedTest
    @CsvSource({
        "jna, HUP, 129",
        "jna, INT, 130",
        "jna, QUIT, 131",
        "jna, TERM, 143",
        "jnr, QUIT, 131"
    })
    void shouldHearASignalAndNothingElse(String binding, String signal, int status)
            throws Exception {
        Process process = start(binding, "ulimit -c 0;");
        try (BufferedReader out = process.inputReader()) {
            assertEquals("hears", out.readLine());
            send(signal, process);
            assertEquals("heard", out.readLine());
            assertEquals("handled as before", out.readLine());
            send(signal, process);
            assertEquals(status, process.waitFor());
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void shouldLeaveASignalThatIsToBeIgnored() throws Exception {
        Process process = start("jna", "trap '' INT QUIT;");
        try (BufferedReader out = process.inputReader()) {
            assertEquals("hears", out.readLine());
            send("INT", process);
            send("QUIT", process);
            assertEquals(0, SigIgn.missing(process.pid()));
            send("TERM", process);
            assertEquals("heard", out.readLine());
        } finally {
            process.destroyForcibly();
        }
    }

    /** Source: proc(5), /proc/PID/status. */
    private static final class SigIgn {
        private static final long INT_AND_QUIT = 1 << 1 | 1 << 2;

        static long missing(long pid) throws Exception {
            String line =
                    Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                            .filter(each -> each.startsWith("SigIgn:"))
                            .findFirst()
                            .orElseThrow();
            long ignored = Long.parseUnsignedLong(line.substring(7).strip(), 16);
            return INT_AND_QUIT & ~ignored;
        }
    }

    @Test
    void shouldEndTheWaitWhenClosed() throws Exception {
        EndSignals signals = EndSignals.hear();
        Waiting waiting =
                new Waiting(() -> assertEquals(EndSignals.Heard.NOTHING, signals.await()));
        signals.close();
        signals.close();
        waiting.assertReturns();
    }
}
