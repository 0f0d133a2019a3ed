package jukvm.tests.container;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import jukvm.tests.support.BackgroundCommand;
import jukvm.tests.support.Command;
import jukvm.tests.support.Guests;

/**
 * A bundle made by hand, of which jukvm-runtime, $R, with options $O, makes a container, $ID; it is
 * in the folder $B. Its configuration is that of {@code runc spec}, in a document that is not laid
 * out.
 */
final class RuncBundle {
    private static final String RUN = "exec \"$R\" $O run --bundle \"$B\" $ID";
    private static final String CREATE =
            "exec \"$R\" $O create --bundle \"$B\" $ID </dev/null >\"$B/out\" 2>&1";

    // Empty ones are left by a runc that is killed before it notes the container, with us or not.
    private static final String FIND_GROUPS = "find /sys/fs/cgroup -depth -name \"$ID*\"";
    private static final String REMOVE_GROUPS = FIND_GROUPS + " -exec rmdir {} + 2>/dev/null";
    private static final String ARGS = "\"args\":\\[[^]]*\\]";

    final Path folder;
    final Path config;
    private final String id;
    private final Path runtime;
    private final String options;

    /** Makes one in a folder of its own, with guests. */
    RuncBundle(Path around, List<String> guests) throws IOException {
        this(around, guests, DockerFixture.RUNTIME, "");
    }

    /** The same, for a runtime with options. */
    RuncBundle(Path around, List<String> guests, Path runtime, String options) throws IOException {
        this.runtime = runtime;
        this.options = options;
        folder = Files.createDirectory(around.resolve("bundle"));
        config = folder.resolve("config.json");
        Path root = Files.createDirectory(folder.resolve("rootfs"));
        for (String guest : guests) {
            Files.copy(Guests.prebuilt(guest), root.resolve(guest));
        }
        id = "jukvm-test-" + ProcessHandle.current().pid() + "-" + around.getFileName();
    }

    private Map<String, String> environment() {
        return Map.of(
                "R",
                runtime.toString(),
                "B",
                folder.toString(),
                "ID",
                id,
                "O",
                options,
                "JUKVM_DAEMON",
                "auto");
    }

    /** Runs a shell script. */
    Command sh(String script) throws IOException, InterruptedException {
        return Command.program(Command.PATIENCE, environment(), "sh", "-c", script);
    }

    /** Runs the container to its end. */
    Command run() throws IOException, InterruptedException {
        return sh(RUN);
    }

    /** Runs the container, and waits for nothing. */
    BackgroundCommand begin() throws IOException {
        return BackgroundCommand.start(List.of("sh", "-c", RUN), environment());
    }

    /**
     * Runs the container, and waits for nothing.
     *
     * @param lowLevel runc or crun, of which the second does not run where cgroups of both versions
     *     are mounted
     */
    BackgroundCommand start(String lowLevel) throws IOException {
        String script =
                "umount /sys/fs/cgroup/unified 2>/dev/null; exec \"$R\" --low-level=LOW $O run"
                        + " --bundle \"$B\" $ID";
        return BackgroundCommand.start(
                List.of("unshare", "-m", "sh", "-c", script.replace("LOW", lowLevel)),
                environment());
    }

    /** Creates the container, whose output goes to a file. */
    void create() throws IOException, InterruptedException {
        Command created = sh(CREATE);
        assertEquals(0, created.status(), () -> created + output());
    }

    /** Starts the container. */
    void start() throws IOException, InterruptedException {
        Command started = sh("exec runc start $ID");
        assertEquals(0, started.status(), started::toString);
    }

    /** Returns what the container that was created has said. */
    String output() {
        try {
            return Files.readString(folder.resolve("out"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Waits until it has said this. */
    void awaitOutput(String text) throws InterruptedException {
        long start = System.nanoTime();
        while (!output().contains(text)) {
            assertTrue(System.nanoTime() - start < Command.PATIENCE.toNanos(), this::output);
            Thread.sleep(10);
        }
    }

    /** Creates the container, and kills whoever does after a while. */
    void killAfter(long millis) throws IOException, InterruptedException {
        ProcessBuilder builder = Command.builder(List.of("sh", "-c", CREATE));
        builder.environment().putAll(environment());
        Process create = builder.start();
        if (!create.waitFor(millis, TimeUnit.MILLISECONDS)) {
            create.descendants().forEach(ProcessHandle::destroyForcibly);
            create.destroyForcibly();
        }
        create.waitFor();
    }

    /** Writes runc's own configuration for a container with these arguments, as JSON has them. */
    void configure(String args) throws IOException, InterruptedException {
        Files.deleteIfExists(config);
        assertEquals(0, sh("cd \"$B\" && runc spec").status());
        String spec = Files.readString(config).replaceAll("\n\\s*", "").replace("\": ", "\":");
        String with = "\"args\":[" + Matcher.quoteReplacement(args) + "]";
        Files.writeString(config, spec.replaceFirst(ARGS, with));
        replace("\"terminal\":true", "\"terminal\":false");
    }

    /** Puts something in place of what must be in the configuration. */
    void replace(String what, String with) throws IOException {
        String before = Files.readString(config);
        String after = before.replace(what, with);
        assertEquals(false, before.equals(after), before);
        Files.writeString(config, after);
    }

    /**
     * Adds a mount of a file or folder.
     *
     * @param access rw or ro
     */
    void mount(Path source, String destination, String access) throws IOException {
        String mount =
                "{\"type\":\"bind\",\"source\":\"SOURCE\",\"destination\":\"AT\","
                        + "\"options\":[\"rbind\",\"ACCESS\"]},";
        replace(
                "\"mounts\":[",
                "\"mounts\":["
                        + mount.replace("SOURCE", source.toString())
                                .replace("AT", destination)
                                .replace("ACCESS", access));
    }

    /**
     * Checks that it has no disk that a volume, its image or an annotation places outside.
     *
     * @param around where such a disk is made
     */
    void assertFindsNoDiskOutside(Path around) throws IOException, InterruptedException {
        Path disk = around.resolve("outside");
        Files.write(disk, new byte[1 << 20]);
        Path volume = Files.createDirectory(around.resolve("volume"));
        Files.createSymbolicLink(volume.resolve("storage"), disk);
        Path above = Path.of("/../../../../../../../../../../../..").resolve("." + disk);
        Files.createSymbolicLink(folder.resolve("rootfs/link"), Path.of("." + above));
        Files.createSymbolicLink(folder.resolve("rootfs/folder"), around);
        Files.createSymbolicLink(folder.resolve("rootfs/process"), Path.of("/proc/1/root"));
        for (String place :
                List.of(
                        "/jukvm/block/storage",
                        disk.toString(),
                        above.toString(),
                        "/link",
                        "/folder/outside",
                        "/process" + disk)) {
            configure("\"/block.hvt\"");
            mount(volume, "/jukvm/block", "rw");
            String annotation = "{\"annotations\":{\"jukvm.block.storage\":\"PLACE\"},";
            replace("{\"ociVersion\"", annotation.replace("PLACE", place) + "\"ociVersion\"");
            Command run = run();
            assertEquals(1, run.status(), run::toString);
            String said = "the container has no file " + place + ";";
            assertTrue(run.stderr().contains(said), run::toString);
            assertArrayEquals(new byte[1 << 20], Files.readAllBytes(disk), place);
        }
    }

    /** Checks that nothing is left of the container, nor of others with names that begin so. */
    void assertNothingIsLeft() throws IOException, InterruptedException {
        assertEquals("", sh("runc list -q | grep -F $ID").stdout());
        assertEquals("", sh("grep -F \"$B\" /proc/self/mountinfo").stdout());
        awaitNoProcess(folder.toString());
        long deadline = System.nanoTime() + Command.PATIENCE.toNanos();
        while (!sh(REMOVE_GROUPS + "; " + FIND_GROUPS).stdout().isEmpty()) {
            assertTrue(System.nanoTime() < deadline, "a process is left in a control group");
            Thread.sleep(20);
        }
    }

    /** Waits until there is no process in whose command line this is. */
    static void awaitNoProcess(String word) throws InterruptedException {
        long deadline = System.nanoTime() + Command.PATIENCE.toNanos();
        while (ProcessHandle.allProcesses()
                .map(process -> process.info().commandLine().orElse(""))
                .anyMatch(line -> line.contains(word))) {
            assertTrue(System.nanoTime() < deadline, "a process is left of " + word);
            Thread.sleep(20);
        }
    }

    /** Removes the container. */
    void remove() throws IOException, InterruptedException {
        sh("runc delete --force $ID 2>/dev/null; " + REMOVE_GROUPS);
    }
}
