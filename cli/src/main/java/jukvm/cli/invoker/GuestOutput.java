package jukvm.cli.invoker;

import java.nio.ByteBuffer;
import java.util.Optional;
import jukvm.device.Console;
import jukvm.device.DroppingConsole;
import jukvm.stream.StandardOutput;
import org.jspecify.annotations.Nullable;

/** What a guest prints, on its way to the invoker's standard output, and what got lost of it. */
public final class GuestOutput implements Console, AutoCloseable {
    /** What happens to what a guest prints when nobody reads it. */
    public enum WhenUnread {
        /** The guest waits. */
        WAIT,

        /** What is older than the last 64 KiB is dropped. */
        DROP
    }

    private final StandardOutput stdout;
    private final Console console;
    private final @Nullable DroppingConsole dropping;
    private volatile Runnable whenStopped = () -> {};

    /**
     * @param stdout where what the guest prints goes
     * @param whenUnread what is done if nobody reads it
     */
    public GuestOutput(StandardOutput stdout, WhenUnread whenUnread) {
        this.stdout = stdout;
        Console direct = new StdoutConsole(stdout);
        this.dropping = whenUnread == WhenUnread.DROP ? Console.dropping(direct) : null;
        this.console = dropping == null ? direct : dropping;
    }

    /** Has something done when the guest is stopped, by any thread; it must not block. */
    public void whenStopped(Runnable action) {
        whenStopped = action;
    }

    /** Opens what is written to now, and not at the first byte. */
    public void prepare() {
        stdout.prepare();
    }

    @Override
    public void write(ByteBuffer bytes) {
        console.write(bytes);
    }

    @Override
    public void stop() {
        console.stop();
        whenStopped.run();
    }

    @Override
    public void end() {
        console.end();
    }

    /** Returns how many bytes that the guest printed got lost. */
    public long lost() {
        return stdout.lost() + (dropping == null ? 0 : dropping.dropped());
    }

    /** Returns what became of bytes that got lost, empty if none did. */
    public Optional<String> loss() {
        if (dropping == null || lost() == 0 || isFailed()) {
            return stdout.loss();
        }
        return Optional.of("stdout: nobody read; " + lost() + " bytes of guest output dropped");
    }

    /** Returns whether the run has failed for what got lost: not if it was to be dropped. */
    public boolean isFailed() {
        return stdout.lost() > 0 && (dropping == null || stdout.isBroken());
    }

    @Override
    public void close() {
        stdout.close();
    }
}
