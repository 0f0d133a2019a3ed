package jukvm.device;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DroppingConsoleTest {
    private static final int KIB = 1024;

    private final Reader reader = new Reader();
    private final DroppingConsole console = Console.dropping(reader);

    /** A console that takes nothing before it may, and then all that it is given. */
    private static final class Reader implements Console {
        private final CountDownLatch reads = new CountDownLatch(1);
        private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
        private volatile boolean isStopped;
        private volatile boolean isEnded;

        @Override
        public void write(ByteBuffer bytes) {
            try {
                reads.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            byte[] part = new byte[bytes.remaining()];
            bytes.get(part);
            if (!isStopped) {
                taken.writeBytes(part);
            }
        }

        @Override
        public void stop() {
            isStopped = true;
            reads.countDown();
        }

        @Override
        public void end() {
            isEnded = true;
        }
    }

    private static ByteBuffer bytes(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }

    private static ByteBuffer kibibytes(char of, int count) {
        return bytes(String.valueOf(of).repeat(count * KIB));
    }

    @Test
    void shouldHandOnEverythingInOrderToWhoReads() {
        reader.reads.countDown();
        StringBuilder expected = new StringBuilder();
        for (int i = 0; i < 5000; i++) {
            String line = "line " + i + "\n".repeat(i % 90);
            console.write(bytes(line));
            expected.append(line);
        }
        console.end();
        assertEquals(expected.toString(), reader.taken.toString(UTF_8));
        assertEquals(0, console.dropped());
        assertTrue(reader.isEnded);
    }

    @Test
    void shouldKeepTheLastWhenNobodyReadsAndHandItOnWhenSomebodyDoes() {
        console.write(kibibytes('a', 64)); // Some of which waits in the write.
        for (int i = 0; i < 100; i++) {
            console.write(kibibytes('b', 64));
        }
        console.write(kibibytes('c', 60));
        console.write(kibibytes('d', 4));
        long dropped = console.dropped();
        reader.reads.countDown();
        console.end();
        String taken = reader.taken.toString(UTF_8);
        assertEquals(dropped, console.dropped());
        assertEquals((64 + 100 * 64 + 64) * KIB - dropped, taken.length());
        assertTrue(taken.endsWith("c".repeat(60 * KIB) + "d".repeat(4 * KIB)));
        assertTrue(taken.startsWith("a") && taken.length() <= 80 * KIB, taken.length() + " bytes");
    }

    @Test
    void shouldEndWithoutAReader() {
        console.write(kibibytes('a', 64));
        console.write(kibibytes('b', 64));
        console.write(kibibytes('c', 10));
        console.end();
        // The other console was stopped and can tell what it made of what it had.
        assertTrue(reader.isStopped && reader.isEnded);
        assertTrue(console.dropped() >= 122 * KIB && console.dropped() <= 138 * KIB);
    }

    @Test
    void shouldLeaveAWriteBehindThatNeverReturns() {
        DroppingConsole stuck =
                Console.dropping(
                        bytes -> {
                            while (bytes.hasRemaining()) {
                                sleep();
                            }
                        });
        stuck.write(bytes("never"));
        stuck.stop();
        stuck.end();
        assertEquals(5, stuck.dropped());
    }

    private static void sleep() {
        try {
            TimeUnit.HOURS.sleep(1);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void shouldThrowWhatTheOtherConsoleThrew() throws InterruptedException {
        DroppingConsole failing =
                Console.dropping(
                        bytes -> {
                            throw new UncheckedIOException(new java.io.IOException("broken"));
                        });
        failing.write(bytes("x"));
        for (int i = 0; i < 30_000; i++) {
            try {
                failing.write(bytes("x"));
                Thread.sleep(1);
            } catch (UncheckedIOException e) {
                break;
            }
        }
        assertThrows(UncheckedIOException.class, () -> failing.write(bytes("x")));
        failing.end();
    }

    @Test
    void shouldStartNothingForAGuestThatPrintsNothing() {
        console.stop();
        console.end();
        assertTrue(reader.isEnded);
        assertFalse(reader.isStopped);
    }
}
