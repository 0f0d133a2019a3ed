package jukvm.run;

import java.nio.ByteBuffer;
import java.util.function.Consumer;
import jukvm.control.Limits;
import jukvm.device.Console;
import jukvm.guest.Limit;
import jukvm.guest.Outcome;

/** A console that takes so many bytes of a guest and then has it stopped. */
public final class LimitedConsole implements Console {
    private final Console console;
    private final long allowed;
    private final Consumer<Outcome> stopper;
    private long left;

    /**
     * Returns a console that takes as much as a guest's limits allow: the same if they do not say.
     *
     * @param stopper is told that it was more
     */
    public static Console of(Console console, Limits limits, Consumer<Outcome> stopper) {
        long bytes = limits.consoleBytes();
        return bytes == Limits.NONE ? console : new LimitedConsole(console, bytes, stopper);
    }

    private LimitedConsole(Console console, long allowed, Consumer<Outcome> stopper) {
        this.console = console;
        this.allowed = allowed;
        this.stopper = stopper;
        this.left = allowed;
    }

    @Override
    public void write(ByteBuffer bytes) {
        boolean tooMany = bytes.remaining() > left;
        if (tooMany) {
            bytes.limit(bytes.position() + (int) left);
        }
        left -= bytes.remaining();
        if (bytes.hasRemaining()) {
            console.write(bytes);
        }
        if (tooMany) {
            // From the vCPU's own thread: the kick waits for the next KVM_RUN and ends it at once.
            stopper.accept(new Outcome.LimitExceeded(Limit.CONSOLE, allowed));
        }
    }

    @Override
    public void stop() {
        console.stop();
    }

    @Override
    public void end() {
        console.end();
    }
}
