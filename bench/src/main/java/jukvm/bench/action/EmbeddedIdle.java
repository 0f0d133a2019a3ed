package jukvm.bench.action;

import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jukvm.device.Console;
import jukvm.error.HostException;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestRun;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;

/** Guests in this JVM that have greeted and wait for something that never comes. */
final class EmbeddedIdle implements IdleStarter {
    private static final long LIMIT_SECONDS = 30;
    private static final long EXPECTED_BYTES = 4L << 20;

    private final Monitor monitor;
    private final GuestImage image;

    EmbeddedIdle(Monitor monitor, GuestImage image) {
        this.monitor = monitor;
        this.image = image;
    }

    @Override
    public Idle start() throws InterruptedException {
        CountDownLatch greeted = new CountDownLatch(1);
        GuestRun run =
                monitor.start(
                        GuestSpec.of(image)
                                .memory((long) Levels.MEMORY_MIB << 20)
                                .arguments("forever")
                                .console(new Greeting(greeted)));
        boolean stays = false;
        try {
            stays = greeted.await(LIMIT_SECONDS, TimeUnit.SECONDS);
        } finally {
            if (!stays) {
                run.cancel();
            }
        }
        if (!stays) {
            throw new HostException("idle guest", "does not greet and wait", 0, "");
        }
        return new Guest(run);
    }

    @Override
    public long expectedBytes() {
        return EXPECTED_BYTES;
    }

    /** Waits for the end of the line that the guest greets with. */
    private record Greeting(CountDownLatch greeted) implements Console {
        @Override
        public void write(ByteBuffer bytes) {
            if (bytes.hasRemaining() && bytes.get(bytes.limit() - 1) == '\n') {
                greeted.countDown();
            }
        }
    }

    private record Guest(GuestRun run) implements Idle {
        @Override
        public long process() {
            return 0;
        }

        @Override
        public void close() {
            run.cancel();
        }
    }
}
