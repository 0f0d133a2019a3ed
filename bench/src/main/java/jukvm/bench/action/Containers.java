package jukvm.bench.action;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import jukvm.bench.result.SystemResult.Kind;
import jukvm.error.HostException;

/** Container runtimes and what they start: the smallest bundle there is. */
final class Containers {
    private static final String HELLO = "Hello\n";

    private static final String NAMESPACE = "jukvm-bench";
    private static final String CTR_NAMESPACE = "--namespace=" + NAMESPACE;
    private static final Path CONTAINERD = Path.of("/run/containerd/containerd.sock");

    private final Path work;
    private final Path action;

    /** A way to start a container. */
    enum Way {
        RUNC("runc", "runc container", "runc", "runc", "run as root"),
        RUNC_TUNED("runc-tuned", "runc, rcu_expedited", "runc", "runc", "run as root"),
        CRUN("crun", "crun container", "crun", "crun", "run as root"),
        CTR("ctr", "containerd (ctr)", "ctr", "containerd", "start containerd, run as root");

        private final String id;
        private final String title;
        private final String program;
        private final String debianPackage;
        private final String remedy;

        Way(String id, String title, String program, String debianPackage, String remedy) {
            this.id = id;
            this.title = title;
            this.program = program;
            this.debianPackage = debianPackage;
            this.remedy = remedy;
        }

        String id() {
            return id;
        }

        String program() {
            return program;
        }

        String debianPackage() {
            return debianPackage;
        }

        /** Returns what most often brings it to work where it is installed. */
        String remedy() {
            return remedy;
        }
    }

    Containers(Path work, Path action) {
        this.work = work;
        this.action = action;
    }

    // Each container has its own: a runtime makes devices in it, and two at once get into each
    // other's way.
    private Path bundle(String name, boolean idle) {
        Path bundle = work.resolve(name);
        return Files.exists(bundle) ? bundle : Bundle.make(bundle, action, idle);
    }

    /** Makes a system of a runtime. */
    ActionSystem system(Way way, Path program) throws InterruptedException {
        return switch (way) {
            case RUNC -> oci(way, program, Surroundings.NONE, "");
            case RUNC_TUNED ->
                    oci(way, program, ExpeditedRcu.on(Surroundings.NONE), ", rcu_expedited=1");
            case CRUN ->
                    PureCgroups.isHybrid()
                            ? oci(way, program, PureCgroups.open(), ", cgroup v1 mounts alone")
                            : oci(way, program, Surroundings.NONE, "");
            case CTR -> ctr(way, program);
        };
    }

    private ActionSystem oci(Way way, Path program, Surroundings surroundings, String with)
            throws InterruptedException {
        Path state = state(way.id());
        Optional<IdleStarter> idle =
                way == Way.RUNC
                        ? Optional.of(new ContainerIdle(program, state, name -> bundle(name, true)))
                        : Optional.empty();
        return new ProgramSystem(
                new Identity(
                        way.id(),
                        way.title,
                        Kind.CONTAINER,
                        program.getFileName() + " run of the smallest bundle" + with,
                        Commands.version(program, "--version"),
                        ""),
                line(way.id(), program, name -> bundle(name, false)),
                HELLO,
                surroundings,
                idle);
    }

    private Path state(String id) {
        return work.resolve("state-" + id);
    }

    /**
     * Returns what runs containers.
     *
     * @param id of the runtime
     * @param bundle for a name
     */
    ProgramSystem.Line line(String id, Path runtime, Function<String, Path> bundle) {
        String state = "--root=" + state(id);
        Function<String, List<String>> words =
                name -> List.of(state, "run", "--bundle=" + bundle.apply(name), name);
        // Killed before it noted its cgroups, only a whole run of that name removes them.
        return new ProgramSystem.Line(
                runtime,
                words,
                name -> List.of(List.of(state, "delete", "--force", name), words.apply(name)));
    }

    /** Returns a new bundle for who packs it. */
    Path bundle() {
        return bundle("packed", false);
    }

    private ActionSystem ctr(Way way, Path program) throws InterruptedException {
        if (!Files.exists(CONTAINERD)) {
            throw new HostException(
                    CONTAINERD.toString(), "is missing, so containerd is not running", 0, "");
        }
        Path rootfs = bundle("containerd", false).resolve("rootfs");
        return new ProgramSystem(
                new Identity(
                        way.id(),
                        way.title,
                        Kind.CONTAINER,
                        "ctr run --rm --rootfs",
                        Commands.version(program, "--version"),
                        "containerd"),
                new ProgramSystem.Line(
                        program,
                        name ->
                                List.of(
                                        CTR_NAMESPACE,
                                        "run",
                                        "--rm",
                                        "--rootfs",
                                        rootfs.toString(),
                                        name,
                                        "/hello"),
                        name ->
                                List.of(
                                        List.of(CTR_NAMESPACE, "tasks", "delete", "--force", name),
                                        List.of(CTR_NAMESPACE, "containers", "delete", name))),
                HELLO,
                new ContainerdNamespace(program, NAMESPACE),
                Optional.empty());
    }
}
