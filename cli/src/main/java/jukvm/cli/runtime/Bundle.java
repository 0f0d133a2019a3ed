package jukvm.cli.runtime;

import static jukvm.cli.run.Placeholders.withHostName;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jukvm.error.ConfigException;

/**
 * A container's bundle: a folder with {@code config.json}, by which the low-level runtime makes the
 * container. Source: OCI runtime specification 1.0, config.md and config-linux.md.
 *
 * <p>A container that is to run a guest gets another root, a folder of the bundle: there the JVM
 * and what it needs are mounted, and the image's root below {@value #IMAGE}, so that nothing of the
 * image is where the JVM looks for its own. Nothing outside the bundle is changed, and {@code
 * config.json} is replaced at once: whoever removes the bundle removes all.
 */
final class Bundle {
    /** The folder of the bundle that is the root of a guest's container. */
    static final String ROOT = "jukvm-root";

    /** Where the image's root is in it. */
    static final String IMAGE = "/image";

    private static final String CONFIG = "config.json";
    private static final long MIB = 1 << 20;
    private static final long DEFAULT_MEMORY = 512 * MIB;
    private static final List<String> BOUND = List.of("rbind", "nosuid", "nodev");

    // What the engine mounts there is for the JVM; all else is for the guest.
    private static final List<String> FOR_JVM =
            List.of("/proc", "/dev", "/sys", GuestNetwork.RESOLV_CONF);

    private final Path folder;
    private final JsonObject config;
    private final Path image; // The image's root.

    /**
     * Reads the configuration.
     *
     * @throws IOException if there is none that can be read
     */
    Bundle(Path folder) throws IOException {
        this.folder = folder.toAbsolutePath().normalize();
        this.config = JsonObject.read(Files.readAllBytes(this.folder.resolve(CONFIG)));
        this.image = this.folder.resolve(config.object("root").text("path").orElse("rootfs"));
    }

    /** Returns the guest that the container is to run, if it is to run one. */
    Optional<GuestChoice> guest() throws IOException {
        return GuestChoice.of(image, config);
    }

    /**
     * Makes it the bundle of a container in which a JVM runs the guest.
     *
     * @param kvm the device by which it does
     * @param wiring the script network.sh
     */
    void rewrite(GuestChoice guest, GuestJvm jvm, DeviceNode kvm, Path wiring) throws IOException {
        kvm.addTo(config);
        ContainerRoot files = mount(jvm.files());
        List<String> words = new ArrayList<>(jvm.command());
        words.addAll(run(guest, files, memory() / MIB, wiring, arguments(guest)));
        begin(words);
        store();
    }

    /** Returns whether the guest is to run in the node's JVM; see {@link NodeJvm#isWanted}. */
    boolean isForNode(String option) {
        return NodeJvm.isWanted(option, config);
    }

    /**
     * Makes it the bundle of a container whose guest runs in the node's JVM.
     *
     * @param client the program that the container's process is to be
     * @param descriptor that it will find open
     * @param wiring the script network.sh
     * @return how it runs, for the container's process
     */
    NodeRun rewriteForNode(GuestChoice guest, Path client, String descriptor, Path wiring)
            throws IOException {
        double processors = NodeJvm.processors(config);
        long mib = NodeJvm.memory(limit());
        Optional<String> name = config.text("hostname");
        // The name of the host is another where the guest runs.
        List<String> arguments =
                arguments(guest).stream()
                        .map(word -> name.map(own -> withHostName(word, own)).orElse(word))
                        .toList();
        ContainerRoot files = mount(Map.of(NodeJvm.CLIENT, client));
        List<String> words = run(guest, files, mib, wiring, arguments);
        if (processors < 1) {
            words.add(1, "--no-net-ring"); // Its thread's time would not be counted.
        }
        begin(NodeJvm.command(descriptor));
        store();
        return new NodeRun(words, processors);
    }

    private List<String> arguments(GuestChoice guest) {
        return EnvironmentWords.expand(guest.arguments(), config.object("process").texts("env"));
    }

    // Returns the words by which it runs in a container that has its devices.
    private List<String> run(
            GuestChoice guest, ContainerRoot files, long mib, Path wiring, List<String> arguments)
            throws IOException {
        GuestDevices devices = new GuestDevices(image, files, guest, config);
        List<String> words = new ArrayList<>(List.of("run", "--mem=" + mib));
        // Most have nothing to replace, and need not look for it at each start.
        if (arguments.stream().anyMatch(argument -> argument.contains("{"))) {
            words.add("--expand");
        }
        words.addAll(devices.options(GuestChoice.annotations(image, config)));
        words.add(IMAGE + guest.path());
        words.addAll(arguments);
        int interfaces = devices.interfaces().size();
        if (interfaces > 0) {
            GuestNetwork.wire(config, interfaces, wiring);
            DeviceNode.of(GuestNetwork.TUN).addTo(config);
        }
        return words;
    }

    private void begin(List<String> words) {
        // The image's variables could be options of the JVM, or of its linker.
        config.object("process")
                .with("args", words)
                .with("env", List.of("PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "_JAVA_SR_SIGNUM=61"))
                .with("cwd", "/")
                .with("noNewPrivileges", true);
    }

    // What the guest may use at most; the JVM's own comes on top of what the guest does use.
    private long memory() {
        long limit = limit();
        return limit < MIB ? DEFAULT_MEMORY : Math.min(limit, DEFAULT_MEMORY);
    }

    private long limit() {
        JsonObject memory = config.object("linux").object("resources").object("memory");
        return memory.number("limit").orElse(0L);
    }

    private ContainerRoot mount(Map<Path, Path> own) {
        JsonObject root = config.object("root");
        ContainerRoot files = new ContainerRoot(image, root.isTrue("readonly"));
        List<String> options = new ArrayList<>(BOUND);
        options.add("noexec");
        if (root.isTrue("readonly")) {
            // Not from the start: the places of other mounts may have to be made there first.
            JsonObject linux = config.object("linux");
            List<String> readOnly = new ArrayList<>(linux.texts("readonlyPaths"));
            readOnly.add(IMAGE);
            linux.with("readonlyPaths", readOnly);
        }
        List<JsonObject> mounts = new ArrayList<>(List.of(bind(image, IMAGE, options)));
        for (JsonObject mount : config.objects("mounts")) {
            String at = RootPath.of(Path.of("/"), mount.text("destination").orElse("/")).inside();
            mounts.add(
                    isForJvm(at)
                            ? mount
                            : mount.with("destination", IMAGE + files.mount(mount, folder)));
        }
        // Last, so that no link of the image or a volume leads another mount over them.
        for (Map.Entry<Path, Path> file : own.entrySet()) {
            List<String> readOnly = new ArrayList<>(BOUND);
            readOnly.add("ro");
            mounts.add(bind(file.getValue(), file.getKey().toString(), readOnly));
        }
        config.with("mounts", mounts);
        root.with("path", folder.resolve(ROOT).toString()).with("readonly", true);
        return files;
    }

    private static boolean isForJvm(String at) {
        return FOR_JVM.stream().anyMatch(own -> at.equals(own) || at.startsWith(own + "/"));
    }

    private static JsonObject bind(Path source, String destination, List<String> options) {
        return new JsonObject()
                .with("destination", destination)
                .with("type", "bind")
                .with("source", source.toString())
                .with("options", options);
    }

    private void store() throws IOException {
        Path root = folder.resolve(ROOT);
        if (Files.isSymbolicLink(root)) {
            throw new ConfigException(root + ": is a link already");
        }
        Files.createDirectories(root);
        // The container's user is to pass, whatever the engine's umask.
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
        MountPoints.make(root, config.objects("mounts"));
        Path beside = Files.createTempFile(folder, CONFIG, ".new");
        try {
            Files.write(beside, config.write());
            Path old = folder.resolve(CONFIG);
            Files.setPosixFilePermissions(beside, Files.getPosixFilePermissions(old));
            Files.move(beside, old, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(beside);
        }
    }
}
