package jukvm.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import jukvm.cli.invoker.ExitStatus;
import jukvm.cli.invoker.OwnJvm;
import jukvm.cli.runtime.ContainerRuntime;

/**
 * What people run most, done once in one JVM, whose classes the launcher then keeps ready-made:
 * what was not needed here each later JVM loads, checks and links anew. A host may lack KVM or
 * passt: what is kept is then what was needed until that was missed.
 */
final class Rehearsal {
    /** What the launcher calls it by. */
    static final String NAME = "jukvm-rehearsal";

    private static final int DISK_SIZE = 1 << 20;
    private static final String BUNDLE =
            "{\"ociVersion\":\"1.0.2\",\"process\":{\"args\":[\"/hello.hvt\"],\"cwd\":\"/\",\"env\":"
                    + "[\"PATH=/bin\"],\"user\":{\"uid\":0,\"gid\":0}},\"root\":{\"path\":\"rootfs\"},"
                    + "\"mounts\":[],\"linux\":{\"namespaces\":[{\"type\":\"mount\"}],"
                    + "\"resources\":{\"devices\":[]}}}";

    private final Path folder;

    private Rehearsal(Path folder) {
        this.folder = folder;
    }

    /**
     * Does it.
     *
     * @param folder for its files, new; whoever has it made removes it
     * @return the exit status, which is that of a failure: a JVM needs more classes to end so
     */
    static int run(Path folder) throws InterruptedException {
        try {
            Files.createDirectory(folder);
            new Rehearsal(folder).run();
        } catch (IOException e) {
            System.err.println(NAME + ": " + e);
        }
        return ExitStatus.FAILURE;
    }

    private void run() throws IOException, InterruptedException {
        String hello = guest("hello.hvt");
        jukvm("run", guest("hello.ukvm"), "Hello");
        jukvm("run", hello, "Hello");
        jukvm("run", "--time", "--report=" + folder.resolve("report"), hello);
        jukvm("run", "--block:storage=" + disk(), guest("block.hvt"));
        // It serves until it is stopped.
        jukvm("run", "--deadline=100ms", "--net:service0=user", guest("http.hvt"));
        createContainer(hello);
    }

    private static void jukvm(String... words) {
        Main.commandLine(CommandWords.of(words), new OwnJvm(System.nanoTime())).execute(words);
    }

    private String guest(String name) throws IOException {
        Path file = folder.resolve(name);
        try (InputStream image = Rehearsal.class.getResourceAsStream("guests/" + name)) {
            Files.copy(image, file);
        }
        return file.toString();
    }

    private Path disk() throws IOException {
        return Files.write(folder.resolve("disk"), new byte[DISK_SIZE]);
    }

    // What jukvm-runtime does before runc is called.
    private void createContainer(String guest) throws IOException {
        Path bundle = folder.resolve("bundle");
        Path root = Files.createDirectories(bundle.resolve("rootfs"));
        Files.copy(Path.of(guest), root.resolve("hello.hvt"));
        Files.writeString(bundle.resolve("config.json"), BUNDLE);
        String[] words = {bundle.toString(), "", "json", folder.toString(), "container", "/run"};
        ContainerRuntime.run(words, System.err);
    }
}
