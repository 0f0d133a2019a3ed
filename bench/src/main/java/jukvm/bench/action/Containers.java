package jukvm.bench.action;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import jukvm.bench.process.Child;
import jukvm.bench.process.ChildEnd;
import jukvm.bench.result.SystemResult.Kind;
import jukvm.error.HostException;

/** Container runtimes and what they start: the smallest bundle there is. */
final class Containers {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String NAMESPACE = "jukvm-bench";
    private static final String CTR_NAMESPACE = "--namespace=" + NAMESPACE;
    private static final Path CONTAINERD = Path.of("/run/containerd/containerd.sock");

    private final Path work;
    private final Path action;

    Containers(Path work, Path action) {
        this.work = work;
        this.action = action;
    }

    /** Returns a bundle, made if it is not there. */
    Path bundle(String name, boolean idle) {
        Path bundle = work.resolve(name);
        return Files.exists(bundle) ? bundle : Bundle.make(bundle, action, idle);
    }

    /** Makes a system of runc as it is. */
    ActionSystem runc(Path runc) throws InterruptedException {
        return oci("runc", "runc container", runc, Surroundings.NONE, "", Optional.of(idle(runc)));
    }

    /** Makes a system of runc on a host that is tuned for it. */
    ActionSystem tunedRunc(Path runc) throws InterruptedException {
        Surroundings tuned = new ExpeditedRcu();
        String with = ", rcu_expedited=1";
        return oci("runc-tuned", "runc, rcu_expedited", runc, tuned, with, Optional.empty());
    }

    /** Makes a system of crun. */
    ActionSystem crun(Path crun) throws InterruptedException {
        Surroundings pure = Surroundings.ofOneCgroupHierarchy();
        String with = pure == Surroundings.NONE ? "" : ", cgroup v1 mounts alone";
        return oci("crun", "crun container", crun, pure, with, Optional.empty());
    }

    private ActionSystem oci(
            String id,
            String title,
            Path runtime,
            Surroundings surroundings,
            String with,
            Optional<Idle.Starter> idle)
            throws InterruptedException {
        String how = runtime.getFileName() + " run of the smallest bundle" + with;
        String version = Commands.version(runtime);
        // Each container has its own bundle: a runtime makes devices in it, and two at once get
        // into each other's way.
        return new ProgramSystem(
                new Identity(id, title, Kind.CONTAINER, how, version, ""),
                line(id, runtime, name -> bundle(name, false)),
                Catalog.HELLO,
                surroundings,
                idle);
    }

    private String state(String id) {
        return "--root=" + work.resolve("state-" + id);
    }

    /**
     * Returns what runs containers.
     *
     * @param id of the runtime
     * @param bundle for a name
     */
    ProgramSystem.Line line(String id, Path runtime, Function<String, Path> bundle) {
        String state = state(id);
        Function<String, List<String>> words =
                name -> List.of(state, "run", "--bundle=" + bundle.apply(name), name);
        // Killed before it noted its cgroups, only a whole run of that name removes them.
        return new ProgramSystem.Line(
                runtime,
                words,
                name -> List.of(List.of(state, "delete", "--force", name), words.apply(name)));
    }

    // Detached, so the program that makes one is gone: only what is inside counts, and what the
    // kernel keeps for it.
    private Idle.Starter idle(Path runc) {
        String state = state("runc");
        return () -> {
            String name = ProgramSystem.newName("idle");
            Path pidFile = work.resolve(name + ".pid");
            List<String> words =
                    List.of(
                            state,
                            "run",
                            "--detach",
                            "--pid-file=" + pidFile,
                            "--bundle=" + bundle(name, true),
                            name);
            Idle container =
                    new Container(runc, List.of(state, "delete", "--force", name), pidFile);
            boolean stays = false;
            try (Child child = Commands.program(runc, words).start()) {
                child.waitOut(); // What a runtime has not written down yet it cannot delete either.
                boolean greeted = child.awaitOutput(Catalog.HELLO, LIMIT);
                ChildEnd end = child.await(LIMIT);
                if (!greeted || !end.succeeded()) {
                    throw new HostException(runc + " run", end.errors().strip(), 0, "");
                }
                stays = true;
            } finally {
                if (!stays) {
                    container.close();
                }
            }
            return container;
        };
    }

    private record Container(Path runtime, List<String> deletion, Path pidFile) implements Idle {
        @Override
        public long process() {
            try {
                return Long.parseLong(Files.readString(pidFile).strip());
            } catch (IOException e) {
                throw new HostException(pidFile.toString(), e.toString(), 0, "");
            }
        }

        @Override
        public void close() {
            Commands.cleanUp(runtime, List.of(deletion));
        }
    }

    /** Makes a system of containerd and its command. */
    ActionSystem containerd(Path ctr) throws InterruptedException {
        if (!Files.exists(CONTAINERD)) {
            throw new HostException(
                    CONTAINERD.toString(), "is missing, so containerd is not running", 0, "");
        }
        String how = "ctr run --rm --rootfs";
        String version = Commands.version(ctr);
        String rootfs = bundle("containerd", false).resolve("rootfs").toString();
        ProgramSystem.Line line =
                new ProgramSystem.Line(
                        ctr,
                        name ->
                                List.of(
                                        CTR_NAMESPACE,
                                        "run",
                                        "--rm",
                                        "--rootfs",
                                        rootfs,
                                        name,
                                        "/hello"),
                        name ->
                                List.of(
                                        List.of(CTR_NAMESPACE, "tasks", "delete", "--force", name),
                                        List.of(CTR_NAMESPACE, "containers", "delete", name)));
        return new ProgramSystem(
                new Identity("ctr", "containerd (ctr)", Kind.CONTAINER, how, version, "containerd"),
                line,
                Catalog.HELLO,
                Surroundings.ofContainerd(ctr, NAMESPACE),
                Optional.empty());
    }
}
