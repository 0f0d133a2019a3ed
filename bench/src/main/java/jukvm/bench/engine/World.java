package jukvm.bench.engine;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import jukvm.bench.BenchFiles;
import jukvm.bench.action.Commands;
import jukvm.bench.action.ProgramSystem;
import jukvm.bench.process.Child;
import jukvm.bench.process.ChildEnd;
import jukvm.error.ConfigException;
import jukvm.error.HostException;

/**
 * The daemons of container engines, in namespaces of processes, mounts and the network of their
 * own, with an empty {@code /run}: whatever ends this ends them and all they have started, and
 * their settings are none of the host's. What they store is in a folder.
 *
 * <p>Source: unshare(1), setpriv(1), pid_namespaces(7).
 */
final class World implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final long PAUSE_NANOS = 20_000_000;
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");

    private static final List<String> NAMESPACES =
            List.of(
                    "--pdeathsig=KILL",
                    "unshare",
                    "--mount",
                    "--pid",
                    "--net",
                    "--fork",
                    "--kill-child",
                    "--mount-proc");

    // The first process of the namespace waits for those that nobody else waits for.
    private static final String DAEMONS =
            """
            mount -t tmpfs -o mode=755 run /run || exit
            cd FOLDER
            unset JUKVM_DAEMON
            XDG_RUNTIME_DIR=/run COMMAND daemon start >jukvm.log 2>&1
            containerd --config containerd.toml >containerd.log 2>&1 &
            if command -v dockerd >/dev/null; then
                dockerd --config-file=docker.json --host=unix://FOLDER/docker.sock \\
                    --containerd=FOLDER/containerd.sock --data-root=FOLDER/docker \\
                    --exec-root=/run/docker --pidfile=/run/docker.pid --bridge=none \\
                    --iptables=false --ip-forward=false --exec-opt=native.cgroupdriver=cgroupfs \\
                    --cgroup-parent=/NAME >docker.log 2>&1 &
            fi
            wait
            """;
    private static final String CONTAINERD =
            """
            version = 2
            root = "FOLDER/containerd"
            state = "/run/containerd"
            [grpc]
            address = "FOLDER/containerd.sock"
            [plugins."io.containerd.grpc.v1.cri"]
            sandbox_image = "IMAGE"
            disable_apparmor = true
            restrict_oom_score_adj = true
            [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
            runtime_type = "io.containerd.runc.v2"
            """;
    private static final String HANDLER =
            """
            [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.WAY]
            runtime_type = "io.containerd.runc.v2"
            [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.WAY.options]
            BinaryName = "FOLDER/PROGRAM"
            """;
    private static final String NODE_SCRIPT =
            """
            #!/bin/sh
            exec FOLDER/jukvm-runtime --jvm=node "$@"
            """;
    private static final String RUNTIME = "\"WAY\": {\"path\": \"FOLDER/PROGRAM\"}";

    private static final String IMAGE = "image.tar";
    private static final String ROOT = "rootfs";
    private static final FileAttribute<Set<PosixFilePermission>> EXECUTABLE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x"));

    private final Path folder;
    private final String name;
    private final Child daemons;

    private World(Path folder, String name, Child daemons) {
        this.folder = folder;
        this.name = name;
        this.daemons = daemons;
    }

    /**
     * Starts them; they answer a while later.
     *
     * @param folder to make
     * @throws HostException if the host refuses namespaces
     * @throws ConfigException if the folder cannot be written
     */
    static World start(BenchFiles files, Path folder) throws InterruptedException {
        Path setpriv = Commands.find("setpriv").orElseThrow(World::missing);
        succeed(setpriv, within("true").toArray(String[]::new));
        try {
            prepare(files, folder);
        } catch (IOException e) {
            throw new ConfigException(folder + ": cannot be written: " + e.getMessage());
        }
        String name = ProgramSystem.newName("engines");
        String script =
                DAEMONS.replace("FOLDER", folder.toString())
                        .replace("COMMAND", files.command().toString())
                        .replace("NAME", name);
        Child daemons = Commands.program(setpriv, within("sh", "-c", script)).start();
        return new World(folder, name, daemons);
    }

    private static HostException missing() {
        return new HostException("setpriv", "is missing; it is in util-linux", 0, "");
    }

    private static List<String> within(String... words) {
        return Stream.concat(NAMESPACES.stream(), Stream.of(words)).toList();
    }

    private static void prepare(BenchFiles files, Path folder) throws IOException {
        Path root = Files.createDirectories(folder.resolve(ROOT));
        Files.copy(files.action(), Path.of(root + EngineImage.PROGRAM));
        Files.copy(files.hello(), Path.of(root + EngineImage.GUEST));
        EngineImage.write(folder.resolve(IMAGE), files.action(), files.hello());
        Files.createSymbolicLink(folder.resolve(Way.PROGRAM), files.command());
        Path script = Files.createFile(folder.resolve(Way.NODE.program()), EXECUTABLE);
        Files.writeString(script, NODE_SCRIPT.replace("FOLDER", folder.toString()));
        StringBuilder handlers = new StringBuilder(CONTAINERD);
        StringBuilder runtimes = new StringBuilder();
        for (Way way : Way.OURS) {
            handlers.append(filled(HANDLER, way));
            runtimes.append(runtimes.isEmpty() ? "" : ", ").append(filled(RUNTIME, way));
        }
        String containerd = handlers.toString().replace("IMAGE", EngineImage.NAME);
        String docker = "{\"runtimes\": {" + runtimes + "}}";
        String here = folder.toString();
        Files.writeString(folder.resolve("containerd.toml"), containerd.replace("FOLDER", here));
        Files.writeString(folder.resolve("docker.json"), docker.replace("FOLDER", here));
    }

    private static String filled(String text, Way way) {
        return text.replace("WAY", way.id()).replace("PROGRAM", way.program());
    }

    /** Returns what its cgroups are called, and a namespace of containerd's. */
    String name() {
        return name;
    }

    /** Returns the folder of what they store. */
    Path folder() {
        return folder;
    }

    /** Returns the image as an archive. */
    Path image() {
        return folder.resolve(IMAGE);
    }

    /** Returns the image as a folder. */
    Path root() {
        return folder.resolve(ROOT);
    }

    /** Returns the program of a runtime of jukvm's. */
    Path program(Way way) {
        return folder.resolve(way.program());
    }

    /** Returns the socket at which a daemon is asked. */
    Path socket(String daemon) {
        return folder.resolve(daemon + ".sock");
    }

    /**
     * Waits until a program that asks a daemon succeeds.
     *
     * @param daemon whose log tells why it does not
     * @throws HostException if it does not in time
     */
    void await(String daemon, Path program, String... words) throws InterruptedException {
        long begin = System.nanoTime();
        while (!Commands.run(LIMIT, program, words).succeeded()) {
            if (System.nanoTime() - begin > LIMIT.toNanos()) {
                throw new HostException(daemon, "does not answer: " + lastOf(daemon), 0, "");
            }
            TimeUnit.NANOSECONDS.sleep(PAUSE_NANOS);
        }
    }

    private String lastOf(String daemon) {
        try {
            return Files.readAllLines(folder.resolve(daemon + ".log")).stream()
                    .reduce((earlier, later) -> later)
                    .orElse("it has said nothing");
        } catch (IOException e) {
            return "it has no log";
        }
    }

    /**
     * Runs a program.
     *
     * @throws HostException with what it said, if it does not succeed
     */
    static void succeed(Path program, String... words) throws InterruptedException {
        ChildEnd end = Commands.run(LIMIT, program, words);
        if (!end.succeeded()) {
            String line = program + " " + String.join(" ", words);
            throw new HostException(line, (end.errors() + end.output()).strip(), 0, "");
        }
    }

    /** Ends them, and removes what the kernel does not. */
    @Override
    public void close() {
        // The first process of the namespace ends when all others have, and unshare then.
        ProcessHandle.of(daemons.pid()).stream()
                .flatMap(ProcessHandle::children)
                .forEach(ProcessHandle::destroyForcibly);
        boolean interrupted = Thread.interrupted();
        daemons.waitOut();
        try {
            daemons.await(LIMIT);
        } catch (InterruptedException e) {
            interrupted = true;
        } finally {
            daemons.close();
            removeCgroups();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    // What has just ended may be in one for a moment.
    private void removeCgroups() {
        long begin = System.nanoTime();
        while (!areCgroupsRemoved() && System.nanoTime() - begin < LIMIT.toNanos()) {
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private boolean areCgroupsRemoved() {
        try (DirectoryStream<Path> hierarchies = Files.newDirectoryStream(CGROUPS)) {
            remove(CGROUPS.resolve(name)); // Of the second generation.
            for (Path hierarchy : hierarchies) {
                remove(hierarchy.resolve(name));
            }
            return true;
        } catch (IOException e) {
            return Files.notExists(CGROUPS);
        }
    }

    // From the innermost on. What else is there is the kernel's.
    private static void remove(Path cgroup) throws IOException {
        if (Files.isDirectory(cgroup)) {
            try (Stream<Path> all = Files.walk(cgroup)) {
                List<Path> inside = all.filter(Files::isDirectory).toList();
                for (int i = inside.size() - 1; i >= 0; i--) {
                    Files.delete(inside.get(i));
                }
            }
        }
    }
}
