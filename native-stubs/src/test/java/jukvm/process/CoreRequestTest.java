package jukvm.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import jukvm.error.ConfigException;
import jukvm.io.SparseOutput;
import jukvm.testing.ChildJvm;
import org.junit.jupiter.api.Test;

/** One process asks another, as it is done for a guest. */
class CoreRequestTest {
    private static final long LONGEST = 1 << 20;

    /** Offers a core to whoever asks, and tells of each time; the second time it refuses. */
    static final class Offerer {
        public static void main(String[] args) {
            EndSignals signals = EndSignals.hear();
            Thread.currentThread().setName(CoreRequest.threadName(signals.door()));
            AtomicInteger times = new AtomicInteger();
            System.out.println("hears");
            while (signals.await() == EndSignals.Heard.CORE) {
                CoreOffer.begin(
                        to -> {
                            if (times.incrementAndGet() == 2) {
                                to.refuse("no more");
                                return;
                            }
                            byte[] text = "core".getBytes(StandardCharsets.US_ASCII);
                            to.write(text, 0, text.length, 4096);
                            to.length(8192);
                        });
            }
        }
    }

    private static final class Core implements SparseOutput {
        private String text = "";
        private long length;

        @Override
        public void write(byte[] bytes, int from, int count, long offset) {
            byte[] part = Arrays.copyOfRange(bytes, from, from + count);
            text += new String(part, StandardCharsets.US_ASCII) + "@" + offset;
        }

        @Override
        public void length(long bytes) {
            length = bytes;
        }
    }

    @Test
    void shouldHaveAProcessSendOneAsOftenAsItIsAsked() throws Exception {
        Process process = ChildJvm.of("jna", Offerer.class).start();
        try (BufferedReader out = process.inputReader()) {
            assertEquals("hears", out.readLine());
            for (int i = 0; i < 3; i++) {
                Core core = new Core();
                if (i == 1) {
                    ConfigException refused =
                            assertThrows(
                                    ConfigException.class,
                                    () -> CoreRequest.copy(process.pid(), core, LONGEST));
                    assertEquals("process " + process.pid() + ": no more", refused.getMessage());
                } else {
                    CoreRequest.copy(process.pid(), core, LONGEST);
                    assertEquals("core@4096", core.text);
                    assertEquals(8192, core.length);
                }
            }
            assertTrue(process.isAlive());
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void shouldLeaveAProcessAloneThatHearsNobody() throws Exception {
        Process process = new ProcessBuilder("sleep", "600").start();
        try {
            ConfigException refused =
                    assertThrows(
                            ConfigException.class,
                            () -> CoreRequest.copy(process.pid(), new Core(), LONGEST));
            assertTrue(refused.getMessage().endsWith("has no guest now that runs"));
            assertTrue(process.isAlive());
        } finally {
            process.destroyForcibly().waitFor();
        }
        assertThrows(
                RuntimeException.class, () -> CoreRequest.copy(process.pid(), new Core(), LONGEST));
    }
}
