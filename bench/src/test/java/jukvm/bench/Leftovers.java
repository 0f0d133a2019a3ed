package jukvm.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** What an experiment may not leave on the host. */
public final class Leftovers {
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
    private static final Path RCU = Path.of("/sys/kernel/rcu_expedited");
    private static final int DEPTH = 4;
    private static final long PATIENCE_MILLIS = 60_000;

    // Where libffi has files, too.
    private static final String TEMPORARY = System.getProperty("java.io.tmpdir");

    // VMs, vCPUs, eventfds, epoll sets and pidfds; sockets and pipes end with their inode.
    private static final List<String> KINDS =
            List.of(
                    "/dev/kvm",
                    "/dev/null",
                    "anon_inode:",
                    "pidfd:",
                    "/memfd:",
                    "socket:",
                    "pipe:",
                    "/sys/",
                    TEMPORARY + "/jukvm",
                    TEMPORARY + "/junit");

    private Leftovers() {}

    /** Fails if a process is there, or a cgroup, of containers that a process has made. */
    public static void assertNoContainers(long process) throws Exception {
        String name = "jukvm-bench-" + process + "-";
        assertEquals(List.of(), await(() -> cgroups(name)));
        assertEquals(List.of(), await(() -> processes(name)));
    }

    private static List<String> cgroups(String name) {
        PathMatcher ours = FileSystems.getDefault().getPathMatcher("glob:**/" + name + "*");
        if (!Files.isDirectory(CGROUPS)) {
            return List.of();
        }
        // Others' cgroups come and go meanwhile.
        try (Stream<Path> all = Files.find(CGROUPS, DEPTH, (file, of) -> ours.matches(file))) {
            return all.map(Path::toString).toList();
        } catch (IOException | UncheckedIOException e) {
            return List.of("not to be read: " + e);
        }
    }

    /** Returns the processes that have a text in their command line. */
    public static List<String> processes(String text) {
        return ProcessHandle.allProcesses()
                .map(process -> process.pid() + " " + process.info().commandLine().orElse(""))
                .filter(line -> line.contains(text))
                .toList();
    }

    /** Fails if there is more in a folder for temporary files than the lock. */
    public static void assertNoFiles(Path temporary) throws Exception {
        assertEquals(
                List.of(),
                list(temporary).stream().filter(name -> name.startsWith("jukvm-bench-")).toList());
    }

    public static List<String> list(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
        }
    }

    /**
     * Returns whether grace periods are shortened while no experiment shortens them; nothing where
     * none can.
     */
    public static String expedited() throws IOException {
        if (!Files.isWritable(RCU)) {
            return "";
        }
        try (RandomAccessFile file = new RandomAccessFile(RCU.toFile(), "rw")) {
            file.getChannel()
                    .lock(); // That of another's experiment, which tests side by side make.
            return file.readLine();
        }
    }

    /**
     * Returns the open descriptors of the kinds that an experiment needs, by what they lead to, but
     * for those that were open before. Others the JVM opens and closes whenever it likes.
     */
    public static List<String> descriptors(List<String> before) {
        List<String> open = new ArrayList<>();
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            for (Path entry : all.toList()) {
                String target = target(entry);
                if (KINDS.stream().anyMatch(target::startsWith)) {
                    open.add(target);
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        before.forEach(open::remove); // One for each.
        return open;
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
            return ""; // It was closed meanwhile.
        }
    }

    /** Asks until the answer is as it should be, or some time has passed; returns the last. */
    public static <T> T await(T wanted, Supplier<T> question) throws InterruptedException {
        long start = System.nanoTime();
        T answer = question.get();
        while (!answer.equals(wanted) && System.nanoTime() - start < PATIENCE_MILLIS * 1_000_000) {
            Thread.sleep(50);
            answer = question.get();
        }
        return answer;
    }

    private static List<String> await(Supplier<List<String>> question) throws InterruptedException {
        return await(List.of(), question);
    }
}
