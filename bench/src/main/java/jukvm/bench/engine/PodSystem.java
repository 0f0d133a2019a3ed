package jukvm.bench.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import jukvm.bench.action.Action;
import jukvm.bench.action.ActionSystem;
import jukvm.bench.action.Identity;
import jukvm.bench.action.ProgramSystem;
import jukvm.bench.action.Worker;
import jukvm.error.HostException;

/**
 * A pod for each action, with one container that prints to its log, as a kubelet starts it. What is
 * left of one that fails is its engine's to end.
 */
final class PodSystem implements ActionSystem {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration GRACE = Duration.ofSeconds(5);
    private static final int EXITED = 2;
    private static final int NODE = 2; // The network of the host.

    private final Identity identity;
    private final Path curl;
    private final Path socket;
    private final Path work;
    private final Order order;

    /**
     * What is asked for.
     *
     * @param handler by which its containers are made; empty for the usual
     * @param cgroup in which they are
     * @param words that the container runs, from its image
     * @param expected what it must print
     */
    record Order(String handler, String cgroup, List<String> words, String expected) {}

    /**
     * Makes one.
     *
     * @param work a folder for logs, which the caller deletes
     */
    PodSystem(Identity identity, Path curl, Path socket, Path work, Order order) {
        this.identity = identity;
        this.curl = curl;
        this.socket = socket;
        this.work = work;
        this.order = order;
    }

    @Override
    public Identity identity() {
        return identity;
    }

    @Override
    public Worker worker() {
        try {
            Path folder = Files.createTempDirectory(Files.createDirectories(work), "");
            Kubelet kubelet = new Kubelet(curl, socket, folder);
            return () -> run(kubelet, folder);
        } catch (IOException e) {
            throw new HostException(work.toString(), e.toString(), 0, "");
        }
    }

    private Action run(Kubelet kubelet, Path folder) throws InterruptedException {
        String name = ProgramSystem.newName("pod");
        Path log = folder.resolve(name);
        Fields pod = pod(name, folder);
        long requested = System.nanoTime();
        try {
            Fields question = new Fields().with(1, pod).with(2, order.handler);
            String id = Fields.text(kubelet.ask("RunPodSandbox", question), 1);
            question = new Fields().with(1, id).with(2, container(name)).with(3, pod);
            String container = Fields.text(kubelet.ask("CreateContainer", question), 1);
            kubelet.ask("StartContainer", new Fields().with(1, container));
            long first = awaitByte(log);
            long status = awaitEnd(kubelet, container);
            long done = System.nanoTime();
            kubelet.ask("StopPodSandbox", new Fields().with(1, id));
            kubelet.ask("RemovePodSandbox", new Fields().with(1, id));
            long freed = System.nanoTime();
            return new Action(requested, first, done, freed, failure(status, log));
        } catch (HostException e) {
            long now = System.nanoTime();
            return new Action(requested, 0, now, now, String.valueOf(e.getMessage()));
        }
    }

    private Fields pod(String name, Path folder) {
        Fields host = new Fields().with(1, new Fields().with(1, NODE));
        return new Fields()
                .with(1, new Fields().with(1, name).with(2, name).with(3, "bench"))
                .with(3, folder.toString())
                .with(8, new Fields().with(1, order.cgroup).with(2, host));
    }

    private Fields container(String name) {
        Fields container =
                new Fields()
                        .with(1, new Fields().with(1, "hello"))
                        .with(2, new Fields().with(1, EngineImage.NAME));
        order.words.forEach(word -> container.with(3, word));
        return container.with(11, name);
    }

    // containerd makes the log and copies to it.
    private static long awaitByte(Path log) throws InterruptedException {
        long begin = System.nanoTime();
        while (System.nanoTime() - begin < LIMIT.toNanos()) {
            if (log.toFile().length() > 0) {
                return System.nanoTime();
            }
            Thread.sleep(1);
        }
        throw new HostException(log.toString(), "printed nothing in time", 0, "");
    }

    private static long awaitEnd(Kubelet kubelet, String container) throws InterruptedException {
        long begin = System.nanoTime();
        while (System.nanoTime() - begin < LIMIT.toNanos()) {
            Fields question = new Fields().with(1, container);
            ByteBuffer status = Fields.content(kubelet.ask("ContainerStatus", question), 1);
            if (Fields.number(status, 3) == EXITED) {
                return Fields.number(status, 7);
            }
        }
        throw new HostException(container, "did not end in time", 0, "");
    }

    // The last of it may come after the end.
    private String failure(long status, Path log) throws InterruptedException {
        if (status != 0) {
            return "exit status " + status;
        }
        long begin = System.nanoTime();
        while (System.nanoTime() - begin < GRACE.toNanos()) {
            if (printed(log).equals(order.expected)) {
                return "";
            }
            Thread.sleep(1);
        }
        return "printed something else: " + printed(log).lines().findFirst().orElse("nothing");
    }

    // Each line has its time, its stream, and whether it is whole before it.
    private static String printed(Path log) {
        try {
            return Files.readAllLines(log).stream()
                    .map(line -> line.replaceFirst("^\\S+ stdout F ", "") + "\n")
                    .collect(Collectors.joining());
        } catch (IOException e) {
            throw new HostException(log.toString(), e.toString(), 0, "");
        }
    }
}
