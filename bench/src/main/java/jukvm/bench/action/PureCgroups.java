package jukvm.bench.action;

import java.nio.file.Files;
import java.nio.file.Path;
import jukvm.bench.process.MountView;

/**
 * The host without its second cgroup hierarchy, for crun, which refuses hosts that have both
 * generations. Only the threads that start it see it so.
 */
final class PureCgroups implements Surroundings {
    private static final Path UNIFIED = Path.of("/sys/fs/cgroup/unified");

    private final MountView view;

    private PureCgroups(MountView view) {
        this.view = view;
    }

    /** Returns whether this host has cgroups of both generations. */
    static boolean isHybrid() {
        return Files.exists(UNIFIED.resolve("cgroup.procs"));
    }

    /**
     * Returns it.
     *
     * @throws jukvm.error.HostException if the host refuses
     */
    static PureCgroups open() {
        return new PureCgroups(MountView.without(UNIFIED));
    }

    @Override
    public void enterThread() {
        view.enter();
    }

    @Override
    public void close() {
        view.close();
    }
}
