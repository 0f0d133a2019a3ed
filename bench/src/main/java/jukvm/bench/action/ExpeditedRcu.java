package jukvm.bench.action;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import jukvm.error.HostException;

/**
 * The host with {@code rcu_expedited}: creating and ending containers waits for grace periods of
 * the kernel's, which this shortens. It is the one setting of a host that makes runc faster for
 * certain; ordinary hosts do not have it on, as it disturbs all processors.
 */
final class ExpeditedRcu implements Surroundings {
    private static final Path SETTING = Path.of("/sys/kernel/rcu_expedited");

    private final Surroundings further;
    private final String usual;

    private ExpeditedRcu(Surroundings further, String usual) {
        this.further = further;
        this.usual = usual;
    }

    /**
     * Returns the host with it, and in further surroundings.
     *
     * @throws HostException if it cannot be switched on here
     */
    static ExpeditedRcu on(Surroundings further) {
        try {
            ExpeditedRcu rcu = new ExpeditedRcu(further, Files.readString(SETTING).strip());
            rcu.enter();
            rcu.leave();
            return rcu;
        } catch (IOException e) {
            throw refused(e);
        }
    }

    @Override
    public void enterThread() {
        further.enterThread();
    }

    @Override
    public void enter() {
        set("1");
    }

    @Override
    public void leave() {
        set(usual);
    }

    private static void set(String value) {
        try {
            Files.writeString(SETTING, value);
        } catch (IOException e) {
            throw refused(e);
        }
    }

    private static HostException refused(IOException e) {
        return new HostException(
                SETTING.toString(), "cannot be set: " + e, 0, "Run as root on a host that has it.");
    }

    @Override
    public void close() {
        leave();
        further.close();
    }
}
