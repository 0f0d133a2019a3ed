package jukvm.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import jukvm.error.HostException;
import jukvm.testing.OpenFiles;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each device is told of once, by whatever thread it was added. */
final class DeviceWatchTest {
    private static final long SECONDS = 60;
    private static final int MANY = 1000;

    private final OpenFiles before = OpenFiles.now(OpenFiles.ANONYMOUS);
    private final DeviceWatch watch = DeviceWatch.open();
    private final BlockingQueue<Long> ready = new LinkedBlockingQueue<>();
    private final Thread waiting = new Thread(() -> watch.await(ready::add), "waits");

    @BeforeEach
    void start() {
        waiting.start();
    }

    @AfterEach
    void close() throws InterruptedException {
        watch.end();
        waiting.join();
        watch.close();
        before.assertNothingMore();
    }

    private long next() throws InterruptedException {
        Long key = ready.poll(SECONDS, TimeUnit.SECONDS);
        return key == null ? -1 : key;
    }

    @Test
    void shouldTellOfEachOnce() throws Exception {
        List<Doorbell> doorbells = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            doorbells.add(Doorbell.open());
            watch.add(i, doorbells.get(i));
        }
        for (int i = MANY - 1; i >= 0; i--) {
            doorbells.get(i).ring();
            assertEquals(i, next());
            doorbells.get(i).ring();
        }
        assertEquals(List.of(), List.copyOf(ready));
        doorbells.forEach(Doorbell::close);
    }

    @Test
    void shouldTellOfOneThatIsReadableAlready() throws Exception {
        try (Doorbell doorbell = Doorbell.open()) {
            doorbell.ring();
            watch.add(7, doorbell);
            assertEquals(7, next());
            watch.remove(doorbell);
            watch.add(8, doorbell);
            assertEquals(8, next());
        }
    }

    @Test
    void shouldTellNothingOfOneThatWasTakenOut() throws Exception {
        try (Doorbell out = Doorbell.open();
                Doorbell in = Doorbell.open()) {
            watch.add(1, out);
            watch.add(2, in);
            assertThrows(HostException.class, () -> watch.add(3, in));
            watch.remove(out);
            watch.remove(out);
            out.ring();
            in.ring();
            assertEquals(2, next());
            watch.remove(in);
        }
    }

    @Test
    void shouldTakeOutOneThatIsClosed() throws Exception {
        Doorbell closed = Doorbell.open();
        try (Doorbell in = Doorbell.open()) {
            watch.add(1, closed);
            closed.close();
            watch.remove(closed);
            watch.add(2, in);
            in.ring();
            assertEquals(2, next());
        }
    }
}
