package jukvm.tests.container;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import jukvm.tests.support.Command;
import jukvm.tests.support.DaemonFixture;
import jukvm.tests.support.Guests;
import jukvm.tests.support.Launcher;
import jukvm.tests.support.Namespace;

/**
 * A containerd of its own that is asked as by a kubelet: gRPC, spoken by curl. It has a network and
 * mounts of its own, and pods on a bridge. Source: cri-api, runtime/v1/api.proto, whose names the
 * methods have and whose fields are numbered here.
 */
final class CriFixture {
    private static final List<String> GUESTS = List.of("http", "traces", "block");
    private static final String DONE = "grpc-status: 0";
    private static final Pattern STANZA =
            Pattern.compile("```toml\n(\\[plugins.*?)```", Pattern.DOTALL);
    private static final String CONFIG =
            """
            version = 2
            root = "FOLDER/root"
            state = "FOLDER/state"
            [grpc]
            address = "FOLDER/sock"
            [plugins."io.containerd.grpc.v1.cri"]
            sandbox_image = "localhost/pause:1"
            disable_apparmor = true
            restrict_oom_score_adj = true
            [plugins."io.containerd.grpc.v1.cri".cni]
            bin_dir = "/usr/lib/cni"
            conf_dir = "FOLDER/cni"
            """;
    private static final String NETWORK =
            """
            {"cniVersion": "0.4.0", "name": "pods", "plugins": [
             {"type": "bridge", "bridge": "pods0", "isGateway": true,
              "ipam": {"type": "host-local", "dataDir": "FOLDER/addresses",
                       "ranges": [[{"subnet": "10.88.0.0/24"}]],
                       "routes": [{"dst": "0.0.0.0/0"}]}}]}
            """;

    // The image of a pod's own container, and of those that have the host's programs mounted.
    private static final String PAUSE =
            """
            set -e; mkdir pause
            echo 'void _start(void) { for (;;) __asm__("syscall" : : "a"(34) : "rcx", "r11"); }' |
                gcc -O -nostdlib -static -x c -o pause/pause -
            tar -C pause -cf layer.tar .
            digest=$(sha256sum <layer.tar | cut -d' ' -f1)
            echo '{"architecture":"amd64","os":"linux","config":{"Entrypoint":["/pause"]},' \
                '"rootfs":{"type":"layers","diff_ids":["sha256:'$digest'"]}}' >config.json
            echo '[{"Config":"config.json","RepoTags":["localhost/pause:1"],"Layers":["layer.tar"]}]' \
                >manifest.json
            tar -cf pause.tar manifest.json config.json layer.tar
            """;

    private final Path folder;
    private final Namespace network = Namespace.open();
    private final Process mounts; // Whose they are, while no containerd runs.
    private final List<String> made = new ArrayList<>();

    private Process daemon;

    /** Which runs guests of pods that ask for it. */
    final DaemonFixture node = DaemonFixture.common();

    /**
     * Starts it, with images of guests, as {@code http:1}.
     *
     * @param folder of all it has; its path must be short, since sockets are in it
     */
    CriFixture(Path folder) throws Exception {
        this.folder = folder;
        String page = Files.readString(Guests.ROOT.resolve("docs/containers.md"));
        String stanza = STANZA.matcher(page).results().findFirst().orElseThrow().group(1);
        node.startDaemon();
        Path runtime = DockerFixture.runtime(folder, node);
        write("config.toml", CONFIG + stanza.replace("/usr/bin/jukvm-runtime", runtime + ""));
        Files.createDirectory(folder.resolve("cni"));
        write("cni/pods.conflist", NETWORK);
        network.shell("ip link set lo up");
        mounts =
                new ProcessBuilder("unshare", "--mount", "sh", "-c", "echo made; exec cat").start();
        assertEquals('m', mounts.getInputStream().read());
        start();
        succeed(PAUSE);
        for (String guest : GUESTS) {
            succeed(
                    "LAUNCHER image build --tag=localhost/GUEST:1 --output=GUEST.tar"
                                    .replace("LAUNCHER", Launcher.common() + "")
                                    .replace("GUEST", guest)
                            + " "
                            + Guests.prebuilt(guest + ".hvt"));
        }
        String images = "pause " + String.join(" ", GUESTS);
        succeed(
                "set -e; for image in IMAGES; do ctr -n k8s.io images import $image.tar; done"
                        .replace("IMAGES", images));
    }

    /** Starts containerd, and waits until it is there. */
    void start() throws Exception {
        List<String> line = new ArrayList<>(inMounts());
        line.addAll(List.of("containerd", "--config", folder + "/config.toml"));
        ProcessBuilder builder = Command.builder(network.line(line)).redirectErrorStream(true);
        builder.environment().put("JUKVM_DAEMON", "auto");
        ProcessBuilder.Redirect log =
                ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile());
        daemon = builder.redirectOutput(log).start();
        long deadline = System.nanoTime() + Command.PATIENCE.toNanos();
        while (!exchange("Status", new Message()).contains(DONE)) {
            if (System.nanoTime() > deadline || !daemon.isAlive()) {
                throw new AssertionError(Files.readString(folder.resolve("log")));
            }
            Thread.sleep(100);
        }
    }

    private List<String> inMounts() {
        return List.of("nsenter", "--mount=/proc/" + mounts.pid() + "/ns/mnt");
    }

    /**
     * Ends containerd alone: its pods go on.
     *
     * @param isKilled whether it has no time to do anything more
     */
    void end(boolean isKilled) throws InterruptedException {
        if (!isKilled) {
            daemon.destroy();
            if (daemon.waitFor(Command.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                return;
            }
        }
        daemon.destroyForcibly().waitFor();
    }

    private void write(String file, String text) throws IOException {
        Files.writeString(folder.resolve(file), text.replace("FOLDER", folder.toString()));
    }

    /** Runs a shell script in its folder and network. */
    Command sh(String script) throws IOException, InterruptedException {
        Map<String, String> environment = Map.of("CONTAINERD_ADDRESS", folder + "/sock");
        List<String> line = network.line(List.of("sh", "-c", "cd " + folder + "; " + script));
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

    /** Asks for something, and returns the answer. */
    Message ask(String method, Message question) throws IOException, InterruptedException {
        String head = exchange(method, question);
        if (!head.contains(DONE)) {
            throw new AssertionError(method + ": " + head);
        }
        byte[] answer = Files.readAllBytes(folder.resolve("answer"));
        return Message.read(Arrays.copyOfRange(answer, Math.min(5, answer.length), answer.length));
    }

    /** Returns the head of the answer, of which the body is in a file. */
    private String exchange(String method, Message question)
            throws IOException, InterruptedException {
        byte[] message = question.bytes();
        try (OutputStream file = Files.newOutputStream(folder.resolve("question"))) {
            file.write(ByteBuffer.allocate(5).putInt(1, message.length).array());
            file.write(message);
        }
        Files.deleteIfExists(folder.resolve("answer"));
        Command curl =
                sh(
                        "curl -sS --http2-prior-knowledge --unix-socket sock -D - -o answer"
                                + " -H 'content-type: application/grpc' -H 'te: trailers'"
                                + " --data-binary @question http://pods/runtime.v1.RuntimeService/"
                                + method);
        return curl.stdout() + curl.stderr();
    }

    /**
     * Returns what a pod is asked for by.
     *
     * @param jvm that runs its guest, {@code container} or {@code node}
     */
    Message pod(String name, String jvm) {
        Message metadata = new Message().with(1, name).with(2, name + "-uid").with(3, "default");
        return new Message()
                .with(1, metadata)
                .with(3, folder + "/logs/" + name)
                .with(7, new Message().with(1, "jukvm.jvm").with(2, jvm))
                .with(8, new Message().with(1, ""));
    }

    /** Starts a pod whose containers jukvm-runtime makes, and returns its name. */
    String runPod(Message pod) throws IOException, InterruptedException {
        Message question = new Message().with(1, pod).with(2, "jukvm");
        String id = ask("RunPodSandbox", question).text(1);
        made.add(id);
        return id;
    }

    /** Returns the address of a pod. */
    String address(String pod) throws IOException, InterruptedException {
        Message question = new Message().with(1, pod);
        return ask("PodSandboxStatus", question).message(1).message(5).text(1);
    }

    /** Returns all that is set up in a pod's network. */
    String wiring(String pod) throws IOException, InterruptedException {
        return succeed(
                "pid=$(ctr -n k8s.io tasks list | sed -n 's/^POD *\\([0-9]*\\) .*/\\1/p');"
                                .replace("POD", pod)
                        + " nsenter --net=/proc/$pid/ns/net sh -ec 'ip -o link; tc qdisc; ip rule;"
                        + " ip -4 route show table all; nft list ruleset'");
    }

    /** Removes a pod. */
    void remove(String pod) throws IOException, InterruptedException {
        ask("StopPodSandbox", new Message().with(1, pod));
        ask("RemovePodSandbox", new Message().with(1, pod));
    }

    /** Checks that nothing is left of pods that are removed, which are all. */
    void assertNothingIsLeft() throws IOException, InterruptedException {
        assertEquals("", succeed("ctr -n k8s.io containers list -q"));
        assertEquals("", succeed("ip -o link show master pods0"));
        for (String id : made) {
            RuncBundle.awaitNoProcess(id);
        }
        assertEquals("", files());
        node.idle();
        succeed("rm -rf logs"); // Of the next pods of these names.
    }

    /** Returns the control groups, folders and mounts of all pods and containers. */
    private String files() throws IOException, InterruptedException {
        String names =
                made.stream().map("-name '*%s*'"::formatted).collect(Collectors.joining(" -o "));
        String mounted =
                String.join(" ", inMounts()) + " grep -E 'cni-|FOLDER' /proc/self/mountinfo";
        return sh("find /sys/fs/cgroup state root " + names).stdout()
                + sh(mounted.replace("FOLDER", folder + "")).stdout();
    }

    /** Waits until no process is in a container, whether containerd runs or not. */
    void awaitNoProcess(String container) throws IOException, InterruptedException {
        succeed(
                "until [ -z \"$(find /sys/fs/cgroup -name ID -exec cat {}/cgroup.procs ';')\" ];"
                                .replace("ID", container)
                        + " do sleep 0.1; done");
    }

    /** Starts a container in a pod, and returns its name; it logs to a file of its own. */
    String start(Message pod, String in, String name, Message container)
            throws IOException, InterruptedException {
        container.with(1, new Message().with(1, name)).with(11, name + ".log");
        Message question = new Message().with(1, in).with(2, container).with(3, pod);
        String id = ask("CreateContainer", question).text(1);
        made.add(id);
        ask("StartContainer", new Message().with(1, id));
        return id;
    }

    /** Waits until a container has logged something, with one space before it. */
    void awaitLog(String pod, String container, String text) throws Exception {
        awaitLog(pod, container, log -> log.contains(" " + text), text);
    }

    /** Waits until it has logged more than it has. */
    void awaitMoreLog(String pod, String container) throws Exception {
        long size = Files.size(log(pod, container));
        awaitLog(pod, container, log -> log.length() > size, "more");
    }

    private void awaitLog(String pod, String container, Predicate<String> isThere, String what)
            throws Exception {
        Path log = log(pod, container);
        long deadline = System.nanoTime() + Command.PATIENCE.toNanos();
        while (Files.notExists(log) || !isThere.test(Files.readString(log))) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not logged: " + what + "\n" + Files.readString(log));
            }
            Thread.sleep(20);
        }
    }

    private Path log(String pod, String container) {
        return folder.resolve("logs").resolve(pod).resolve(container + ".log");
    }

    /** Waits until a container has ended, and returns its status. */
    Message awaitEnd(String container) throws Exception {
        long deadline = System.nanoTime() + Command.PATIENCE.toNanos();
        while (true) {
            Message status = ask("ContainerStatus", new Message().with(1, container)).message(1);
            if (status.number(3) == 2) { // CONTAINER_EXITED
                return status;
            }
            if (System.nanoTime() > deadline) {
                throw new AssertionError("has not ended: " + container);
            }
            Thread.sleep(50);
        }
    }

    /** Stops it, with its pods, and removes all it has. */
    void stop() throws Exception {
        for (String pod : sh("ctr -n k8s.io containers list -q").stdout().split("\n", -1)) {
            if (!pod.isEmpty()) {
                sh("ctr -n k8s.io tasks kill -s KILL " + pod);
            }
        }
        end(false);
        mounts.destroy();
        sh("cd / && rm -rf " + folder);
        network.close();
        node.close();
    }
}
