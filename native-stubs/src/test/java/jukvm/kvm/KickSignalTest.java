package jukvm.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import jukvm.error.HostException;
import jukvm.libc.Mapping;
import jukvm.testing.Waiting;
import org.junit.jupiter.api.Test;

/** Each in a thread of its own, whose mask ends with it. */
class KickSignalTest {
    private static final long BIT = 1L << (KickSignal.NUMBER - 1);

    @Test
    void shouldBlockTheSignalAndLeaveItOutOfTheMaskForTheGuest() throws Exception {
        Waiting.assertReturns(
                () -> {
                    long before = status("SigBlk");
                    Mapping arena = Mapping.anonymous(KickSignal.ARENA);
                    ByteBuffer mask = arena.window(0, KickSignal.ARENA);
                    KickSignal.block(mask, arena.address());
                    assertEquals(before | BIT, status("SigBlk"));
                    assertEquals(8, mask.getInt(0));
                    assertEquals(before & ~BIT, mask.getLong(4));
                    // A second time: blocked already, and still not in the mask.
                    KickSignal.block(mask, arena.address());
                    assertEquals(before & ~BIT, mask.getLong(4));
                });
    }

    @Test
    void shouldConsumeWhatIsPending() throws Exception {
        Waiting.assertReturns(
                () -> {
                    Mapping arena = blocked();
                    KickSignal.consume(arena.address());
                    KickSignal.send(KickSignal.currentThread());
                    assertEquals(BIT, status("SigPnd"));
                    KickSignal.consume(arena.address());
                    assertEquals(0, status("SigPnd"));
                    KickSignal.consume(arena.address());
                });
    }

    @Test
    void shouldReachTheThreadFromAnother() throws Exception {
        AtomicInteger thread = new AtomicInteger();
        CountDownLatch ready = new CountDownLatch(1);
        CountDownLatch sent = new CountDownLatch(1);
        Waiting waiting =
                new Waiting(
                        () -> {
                            Mapping arena = blocked();
                            thread.set(KickSignal.currentThread());
                            ready.countDown();
                            await(sent);
                            assertEquals(BIT, status("SigPnd"));
                            KickSignal.consume(arena.address());
                        });
        await(ready);
        KickSignal.send(thread.get());
        sent.countDown();
        waiting.assertReturns();
    }

    private static Mapping blocked() {
        Mapping arena = Mapping.anonymous(KickSignal.ARENA);
        KickSignal.block(arena.window(0, KickSignal.ARENA), arena.address());
        return arena;
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void shouldRefuseAThreadThatIsNone() {
        HostException e =
                assertThrows(HostException.class, () -> KickSignal.send(Integer.MAX_VALUE));
        assertTrue(e.getMessage().startsWith("tgkill: "), e.getMessage());
    }

    /** A set of signals of the calling thread. Source: proc(5), status. */
    private static long status(String field) {
        try (var lines = Files.lines(Path.of("/proc/thread-self/status"))) {
            return lines.filter(line -> line.startsWith(field + ":"))
                    .map(line -> line.substring(field.length() + 1).strip())
                    .mapToLong(digits -> Long.parseUnsignedLong(digits, 16))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
