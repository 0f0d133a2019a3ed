package jukvm.bench.action;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jukvm.bench.process.MountView;
import jukvm.error.HostException;

/** The state of the host that a system is measured in. Usually the host as it is. */
interface Surroundings extends AutoCloseable {
    /** The host as it is. */
    Surroundings NONE = new Surroundings() {};

    /** Puts the calling thread into it, for good. */
    default void enterThread() {}

    /** Puts the host into it. */
    default void enter() {}

    /** Puts the host back. */
    default void leave() {}

    @Override
    default void close() {}

    /**
     * Returns the host without its second cgroup hierarchy, if it has both generations: crun
     * refuses such hosts. Only the threads that start it see it so.
     *
     * @throws HostException if the host refuses
     */
    static Surroundings ofOneCgroupHierarchy() {
        Path unified = Path.of("/sys/fs/cgroup/unified");
        if (!Files.exists(unified.resolve("cgroup.procs"))) {
            return NONE;
        }
        MountView view = MountView.without(unified);
        return new Surroundings() {
            @Override
            public void enterThread() {
                view.enter();
            }

            @Override
            public void close() {
                view.close();
            }
        };
    }

    /** Returns the host as it is, and afterwards without a namespace of containerd's. */
    static Surroundings ofContainerd(Path ctr, String namespace) {
        return new Surroundings() {
            @Override
            public void close() {
                List<String> remove = List.of("namespaces", "remove", "--cgroup", namespace);
                Commands.cleanUp(ctr, List.of(remove));
            }
        };
    }

    /**
     * Returns the host with {@code rcu_expedited}: creating and ending containers waits for grace
     * periods of the kernel's, which this shortens. It is the one setting of a host that makes runc
     * faster for certain; ordinary hosts do not have it on, as it disturbs all processors.
     *
     * @throws HostException if it cannot be switched on here
     */
    static Surroundings ofExpeditedRcu() {
        Path setting = Path.of("/sys/kernel/rcu_expedited");
        String usual;
        try {
            usual = Files.readString(setting).strip();
        } catch (IOException e) {
            throw refused(setting, e);
        }
        set(setting, "1");
        set(setting, usual);
        return new Surroundings() {
            @Override
            public void enter() {
                set(setting, "1");
            }

            @Override
            public void leave() {
                set(setting, usual);
            }

            @Override
            public void close() {
                leave();
            }
        };
    }

    private static void set(Path setting, String value) {
        try {
            Files.writeString(setting, value);
        } catch (IOException e) {
            throw refused(setting, e);
        }
    }

    private static HostException refused(Path setting, IOException e) {
        String remedy = "Run as root on a host that has it.";
        return new HostException(setting.toString(), "cannot be set: " + e, 0, remedy);
    }
}
