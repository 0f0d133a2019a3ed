package jukvm.bench.action;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import jukvm.error.HostException;
import org.jspecify.annotations.Nullable;

/**
 * The host with {@code rcu_expedited}: creating and ending containers waits for grace periods of
 * the kernel's, which this shortens. It is the one setting of a host that makes runc faster for
 * certain; ordinary hosts do not have it on, as it disturbs all processors.
 *
 * <p>Whoever has changed the setting holds a lock on its file, and others wait: of two experiments
 * on one host the second would take what the first has set for what is usual, and leave that.
 */
final class ExpeditedRcu implements Surroundings {
    private static final String SETTING = "/sys/kernel/rcu_expedited";

    // The one descriptor of it: closing any other would give up the lock. Not a channel, which an
    // interrupt would close before the setting is put back.
    private @Nullable RandomAccessFile file;
    private String usual = "";

    @Override
    public void enter() {
        try {
            RandomAccessFile opened = new RandomAccessFile(SETTING, "rw");
            file = opened;
            opened.getChannel().lock();
            usual = opened.readLine();
            write(opened, "1");
        } catch (IOException e) {
            leave();
            throw refused(e);
        }
    }

    @Override
    public void leave() {
        try (RandomAccessFile held = file) {
            if (held != null && !usual.isEmpty()) {
                write(held, usual);
            }
        } catch (IOException e) {
            throw refused(e);
        } finally {
            file = null;
            usual = "";
        }
    }

    @Override
    public void close() {
        leave();
    }

    private static void write(RandomAccessFile file, String value) throws IOException {
        file.seek(0);
        file.write(value.getBytes(StandardCharsets.US_ASCII));
    }

    private static HostException refused(IOException e) {
        String remedy = "Run as root on a host that has it.";
        return new HostException(SETTING, "cannot be set: " + e, 0, remedy);
    }
}
