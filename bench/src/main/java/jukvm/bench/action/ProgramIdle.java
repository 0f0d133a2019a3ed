package jukvm.bench.action;

import java.time.Duration;
import jukvm.bench.process.Child;
import jukvm.error.HostException;

/** Programs that stay: each is an instance, and its memory the instance's. */
final class ProgramIdle implements IdleStarter {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final ProgramSystem.Line line;
    private final String greeting;
    private final long expectedBytes;

    ProgramIdle(ProgramSystem.Line line, String greeting, long expectedBytes) {
        this.line = line;
        this.greeting = greeting;
        this.expectedBytes = expectedBytes;
    }

    @Override
    public Idle start() throws InterruptedException {
        Child child = line.program("").start();
        boolean stays = false;
        try {
            stays = child.awaitOutput(greeting, LIMIT);
        } finally {
            if (!stays) {
                child.close();
            }
        }
        if (!stays) {
            throw new HostException(line.executable().toString(), "does not greet and wait", 0, "");
        }
        return new Idle() {
            @Override
            public long process() {
                return child.pid();
            }

            @Override
            public void close() {
                child.close();
            }
        };
    }

    @Override
    public long expectedBytes() {
        return expectedBytes;
    }
}
