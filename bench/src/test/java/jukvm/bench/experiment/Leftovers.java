package jukvm.bench.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** What an experiment may not leave on the host. */
final class Leftovers {
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
    private static final Path RCU = Path.of("/sys/kernel/rcu_expedited");
    private static final int DEPTH = 4;
    private static final long PATIENCE_MILLIS = 20_000;

    private Leftovers() {}

    /** Fails if a process is there, or a cgroup, of containers that a process has made. */
    static void assertNoContainers(long process) throws Exception {
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
        } catch (IOException | java.io.UncheckedIOException e) {
            return List.of("not to be read: " + e);
        }
    }

    /** Returns the processes that have a text in their command line. */
    static List<String> processes(String text) {
        return ProcessHandle.allProcesses()
                .map(process -> process.pid() + " " + process.info().commandLine().orElse(""))
                .filter(line -> line.contains(text))
                .toList();
    }

    /** Fails if there is more in a folder for temporary files than the lock. */
    static void assertNoFiles(Path temporary) throws Exception {
        assertEquals(
                List.of(),
                list(temporary).stream().filter(name -> name.startsWith("jukvm-bench-")).toList());
    }

    static List<String> list(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
        }
    }

    /** Returns whether grace periods are shortened; nothing where there is no such setting. */
    static String expedited() throws IOException {
        return Files.exists(RCU) ? Files.readString(RCU).strip() : "";
    }

    /** Returns the open descriptors by what they lead to, without those of jars and fonts. */
    static Map<String, Long> descriptors() {
        System.gc();
        Map<String, Long> counts = new TreeMap<>();
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            for (Path entry : all.toList()) {
                String target = target(entry);
                if (!target.matches(
                        ".*\\.(jar|ttf|otf|pfb)|/proc/\\d+/fd|/usr/lib/jvm/.*|.*/ffi.*|")) {
                    counts.merge(target, 1L, Long::sum);
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return counts;
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor)
                    .toString()
                    .replaceFirst("^(socket|pipe):.*", "$1");
        } catch (IOException e) {
            return ""; // It was closed meanwhile.
        }
    }

    /** Asks until the answer is as it should be, or some time has passed; returns the last. */
    static <T> T await(T wanted, Supplier<T> question) throws InterruptedException {
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
