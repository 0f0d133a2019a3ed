package jukvm.io;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import jukvm.error.HostException;
import jukvm.libc.Libc;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Messages between two ends, here in one process. */
final class ChannelTest {
    private final Channel.Pair ends = Channel.pair("test");
    private final Channel ours = ends.ours();
    private final Channel theirs = Channel.of(copy());

    private int copy() {
        int number = ends.theirs().number();
        int copied = Libc.get().fcntl(number, Libc.F_DUPFD_CLOEXEC, 0);
        ends.theirs().close();
        return copied;
    }

    @AfterEach
    void close() {
        ours.close();
        theirs.close();
    }

    @Test
    void shouldKeepMessagesApart() {
        ours.begin().putInt(7);
        assertTrue(ours.send());
        ours.begin().putLong(8);
        assertTrue(ours.send());
        assertEquals(4, requireNonNull(theirs.receive()).remaining());
        ByteBuffer second = requireNonNull(theirs.receiveAll());
        assertEquals(8, second.remaining());
        assertEquals(8, second.getLong());
    }

    @Test
    void shouldEndWithTheOtherEnd() {
        theirs.close();
        assertNull(ours.receive());
        ours.begin().putInt(1);
        assertFalse(ours.send());
    }

    @Test
    void shouldPassADescriptor() {
        byte[] bytes = {1, 2, 3};
        try (SealedBytes sealed = SealedBytes.of("test", out -> out.write(bytes))) {
            ours.begin().putInt(1);
            ours.send(sealed.descriptor());
        }
        theirs.receiveAll();
        assertArrayEquals(bytes, SealedBytes.read(theirs.take(), 3));
        assertThrows(IllegalStateException.class, theirs::take);
    }

    @Test
    void shouldTakeNoDescriptorOfAnUntrustedProcess() {
        try (SealedBytes sealed = SealedBytes.of("test", out -> out.write(1))) {
            ours.begin().putInt(1);
            ours.send(sealed.descriptor());
        }
        assertEquals(4, requireNonNull(theirs.receive()).remaining());
        assertThrows(IllegalStateException.class, theirs::take);
    }

    @Test
    void shouldHoldNoMoreThanTheKernelDoes() {
        ours.begin().position(Channel.CAPACITY);
        int sent = 0;
        while (ours.sendNow()) {
            sent++;
        }
        assertTrue(sent > 0 && sent < 100, () -> "sent");
    }

    @Test
    void shouldGiveUpWhenItIsWoken() throws Exception {
        try (Poller waiter = new Poller()) {
            ours.begin().position(Channel.CAPACITY);
            boolean isTaken = true;
            while (isTaken) {
                isTaken = ours.sendNow();
            }
            CompletableFuture<Boolean> sent =
                    CompletableFuture.supplyAsync(
                            () -> {
                                ours.begin().position(Channel.CAPACITY);
                                return ours.send(waiter) && ours.receive(waiter) != null;
                            });
            waiter.wake();
            assertFalse(sent.get(60, TimeUnit.SECONDS));
        }
    }

    @Test
    void shouldNotReadMoreThanIsWanted() {
        try (SealedBytes sealed = SealedBytes.of("test", out -> out.write(new byte[100]))) {
            ours.begin().putInt(1);
            ours.send(sealed.descriptor());
        }
        theirs.receiveAll();
        assertThrows(HostException.class, () -> SealedBytes.read(theirs.take(), 99));
    }
}
