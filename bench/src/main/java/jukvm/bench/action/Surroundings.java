package jukvm.bench.action;

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
}
