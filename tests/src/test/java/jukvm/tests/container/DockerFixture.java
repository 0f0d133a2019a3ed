package jukvm.tests.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import jukvm.tests.support.Command;
import jukvm.tests.support.DaemonFixture;
import jukvm.tests.support.Guests;
import jukvm.tests.support.Launcher;
import jukvm.tests.support.Namespace;

/** A docker daemon of its own, in a network of its own, with containerd below it. */
final class DockerFixture {
    private static final List<String> GUESTS =
            List.of(
                    "hello.hvt",
                    "fault.hvt",
                    "spin.hvt",
                    "traces.hvt",
                    "block.hvt",
                    "echo.hvt",
                    "http.hvt");
    static final Path RUNTIME = Launcher.common().resolveSibling("jukvm-runtime");

    private final Path folder;
    private final Namespace network = Namespace.open();
    private final DaemonFixture node = DaemonFixture.common();

    /** The runtime, for a node whose daemon is the fixture's. */
    final Path runtime;

    private Process daemon;

    /**
     * Starts it, with an image {@code guests}.
     *
     * @param folder of all it has; its path must be short, since sockets are in it
     */
    DockerFixture(Path folder) throws Exception {
        this.folder = folder;
        node.startDaemon();
        Files.writeString(
                folder.resolve("daemon.json"),
"""
{"live-restore": true, "runtimes": {
 "jukvm": {"path": "RUNTIME"},
 "jukvm-node": {"path": "RUNTIME", "runtimeArgs": ["--jvm=node", "--daemon=NODE"]}}}
"""
                        .replace("RUNTIME", RUNTIME.toString())
                        .replace("NODE", node.runtime().toString()));
        runtime = runtime(folder, node);
        network.shell("ip link set lo up");
        Path image = Files.createDirectory(folder.resolve("image"));
        for (String guest : GUESTS) {
            Files.copy(Guests.prebuilt(guest), image.resolve(guest));
        }
        start();
        succeed("tar -C image -c . | docker import - guests");
    }

    /** Returns a program that is the runtime, for a node with a daemon. */
    static Path runtime(Path folder, DaemonFixture node) throws IOException {
        Path program = folder.resolve("jukvm-runtime");
        String script = "#!/bin/sh\nexec " + RUNTIME + " --daemon=" + node.runtime() + " \"$@\"\n";
        Files.writeString(program, script);
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        return program;
    }

    /** Starts the daemon, and waits until it is there. */
    void start() throws Exception {
        List<String> line =
                List.of(
                        "dockerd",
                        "--config-file=" + folder.resolve("daemon.json"),
                        "--data-root=" + folder.resolve("data"),
                        "--exec-root=" + folder.resolve("exec"),
                        "--pidfile=" + folder.resolve("pid"),
                        "--host=unix://" + folder.resolve("sock"));
        ProcessBuilder builder = Command.builder(network.line(line)).redirectErrorStream(true);
        builder.environment().put("JUKVM_DAEMON", "auto");
        daemon = builder.redirectOutput(folder.resolve("log").toFile()).start();
        long deadline = System.nanoTime() + Command.PATIENCE.toNanos();
        while (sh("docker version").status() != 0) {
            if (System.nanoTime() > deadline || !daemon.isAlive()) {
                throw new AssertionError(Files.readString(folder.resolve("log")));
            }
            Thread.sleep(100);
        }
    }

    /** Ends the daemon, as for an update of it: its containers go on. */
    void end() throws InterruptedException {
        daemon.destroy();
        if (!daemon.waitFor(Command.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            daemon.destroyForcibly().waitFor();
        }
    }

    /** Runs a shell script in the daemon's folder and network, with docker and ctr for it. */
    Command sh(String script) throws IOException, InterruptedException {
        Map<String, String> environment =
                Map.of(
                        "DOCKER_HOST", "unix://" + folder.resolve("sock"),
                        "DOCKER_BUILDKIT", "0",
                        "CONTAINERD_ADDRESS", folder + "/exec/containerd/containerd.sock",
                        "CONTAINERS_CONF", folder + "/containers.conf");
        String there = "cd " + folder + " && { " + script + "\n}";
        List<String> line = network.line(List.of("sh", "-c", there));
        return Command.program(Command.PATIENCE, environment, line.toArray(String[]::new));
    }

    /** Returns what a script prints that must succeed. */
    String succeed(String script) throws IOException, InterruptedException {
        Command run = sh(script);
        if (run.status() != 0) {
            throw new AssertionError(script + ": " + run);
        }
        return run.stdout();
    }

    /** Stops it, and removes all it has. */
    void stop() throws Exception {
        sh("docker rm -f $(docker ps -aq) 2>/dev/null");
        end();
        sh("grep -F \" $PWD/\" /proc/self/mountinfo | cut -d' ' -f5 | tac | xargs -r umount -l");
        sh("cd / && rm -rf " + folder);
        network.close();
        node.close();
    }
}
