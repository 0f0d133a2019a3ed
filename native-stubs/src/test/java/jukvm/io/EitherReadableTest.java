package jukvm.io;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class EitherReadableTest {
    @Test
    void shouldBeReadableWhileOneOfBothIs() {
        try (Doorbell one = Doorbell.open();
                Doorbell other = Doorbell.open();
                EitherReadable either = EitherReadable.of(one, other);
                Poller poller = new Poller()) {
            poller.watch(3, either);
            assertEquals(0, poller.await(0));
            other.ring();
            assertEquals(1 << 3, poller.await(-1));
            one.ring();
            other.silence();
            assertEquals(1 << 3, poller.await(-1));
            one.silence();
            assertEquals(0, poller.await(0));
        }
    }
}
