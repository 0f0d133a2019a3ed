package jukvm.bench.engine;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import jukvm.bench.action.ActionSystem;
import jukvm.bench.action.Commands;
import jukvm.bench.action.Identity;
import jukvm.bench.action.ProgramSystem;
import jukvm.bench.result.SystemResult;

/** A container engine, and how its users have it run the action. */
enum Engine {
    /** docker, by its command. */
    DOCKER("docker run --rm --network=none", "docker.io", "docker dockerd containerd") {
        @Override
        void prepare(World world) throws InterruptedException {
            Path docker = program("docker");
            world.await("docker", docker, host(world), "version");
            World.succeed(docker, host(world), "load", "--input", world.image().toString());
        }

        @Override
        ActionSystem system(Way way, World world) throws InterruptedException {
            List<String> words = words(host(world), "run", "--rm", "--network=none");
            if (!way.isUsual()) {
                words.add("--runtime=" + way.id());
            }
            words.addAll(List.of("--entrypoint=" + way.words().get(0), EngineImage.NAME));
            words.addAll(way.words().subList(1, way.words().size()));
            return ProgramSystem.of(
                    identity(way), program("docker"), name -> words, way.expected());
        }

        private static String host(World world) {
            return "--host=unix://" + world.socket("docker");
        }
    },

    /** containerd, by its command. */
    CTR("ctr run --rm --rootfs", "containerd", "ctr containerd") {
        @Override
        void prepare(World world) throws InterruptedException {
            world.await("containerd", program("ctr"), address(world), "version");
        }

        @Override
        ActionSystem system(Way way, World world) throws InterruptedException {
            List<String> words = words(address(world), "--namespace=" + world.name());
            words.addAll(List.of("run", "--rm", "--fifo-dir=" + world.folder().resolve("fifo")));
            if (!way.isUsual()) {
                words.add("--runc-binary=" + world.program(way));
            }
            words.addAll(List.of("--rootfs", world.root().toString()));
            return ProgramSystem.of(
                    identity(way),
                    program("ctr"),
                    name ->
                            Stream.of(words, List.of(name), way.words())
                                    .flatMap(List::stream)
                                    .toList(),
                    way.expected());
        }
    },

    /** containerd, by CRI, as Kubernetes asks it. */
    CRI(
            "a pod with the node's network, and a container",
            "containerd curl",
            "containerd ctr curl") {
        @Override
        void prepare(World world) throws InterruptedException {
            Path ctr = program("ctr");
            world.await("containerd", ctr, address(world), "version");
            String image = world.image().toString();
            World.succeed(ctr, address(world), "--namespace=k8s.io", "images", "import", image);
        }

        @Override
        ActionSystem system(Way way, World world) throws InterruptedException {
            PodSystem.Order order =
                    new PodSystem.Order(
                            way.isUsual() ? "" : way.id(),
                            "/" + world.name(),
                            way.words(),
                            way.expected());
            Path socket = world.socket("containerd");
            Path work = world.folder().resolve("pods");
            return new PodSystem(identity(way), program("curl"), socket, work, order);
        }
    };

    private final String how;
    private final String packages;
    private final String programs;

    Engine(String how, String packages, String programs) {
        this.how = how;
        this.packages = packages;
        this.programs = programs;
    }

    /**
     * Waits until it answers, and gives it the image.
     *
     * @throws jukvm.error.HostException if it does not
     */
    abstract void prepare(World world) throws InterruptedException;

    /** Makes the system that asks it for containers. */
    abstract ActionSystem system(Way way, World world) throws InterruptedException;

    /** Returns its short name. */
    String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Returns how it is asked. */
    String how() {
        return how;
    }

    /** Returns what would bring it. */
    String remedy() {
        return "apt-get install " + packages;
    }

    /** Returns those of its programs that this host lacks. */
    List<String> lacking() {
        return Stream.of((programs + " runc").split(" ", -1))
                .filter(name -> Commands.find(name).isEmpty())
                .toList();
    }

    /** Returns what it is with something that makes containers. */
    Identity identity(Way way) throws InterruptedException {
        return new Identity(
                SystemResult.ENGINE + id() + "-" + way.id(),
                id() + " with " + way.id(),
                way.kind(),
                how + ": " + way.what(),
                Commands.version(program(programs.split(" ", -1)[0])),
                way.equals(Way.NODE) ? "the engine, the node's JVM" : "the engine");
    }

    private static Path program(String name) {
        return Commands.find(name).orElseThrow();
    }

    private static String address(World world) {
        return "--address=" + world.socket("containerd");
    }

    private static List<String> words(String... first) {
        return new ArrayList<>(List.of(first));
    }
}
