package jukvm.tests.isolation;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import jukvm.tests.support.Run;

/** The workers of a process, as the host sees them. */
final class Workers {
    private Workers() {}

    /** Returns the numbers of those that a process has. */
    static Set<Long> of(ProcessHandle parent) {
        return parent.children()
                .filter(child -> isWorker(child.pid()))
                .map(ProcessHandle::pid)
                .collect(Collectors.toSet());
    }

    /** Returns the numbers of those that this process has. */
    static Set<Long> here() {
        return of(ProcessHandle.current());
    }

    private static boolean isWorker(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/cmdline")).contains("WorkerMain");
        } catch (IOException e) {
            return false; // It has ended meanwhile.
        }
    }

    /** Returns a field of what the host tells of a process. */
    static String status(long pid, String field) throws IOException {
        List<String> lines = Files.readAllLines(Path.of("/proc/" + pid + "/status"));
        return lines.stream()
                .filter(line -> line.startsWith(field + ":"))
                .map(line -> line.substring(field.length() + 1).strip())
                .findFirst()
                .orElse("");
    }

    /** Kills a process without asking it. */
    static void kill(long pid) {
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    }

    /** Waits until something is so. */
    static void await(String what, BooleanSupplier isSo) throws InterruptedException {
        long end = System.nanoTime() + Run.LONG.toNanos();
        while (!isSo.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, what);
            Thread.sleep(5);
        }
    }
}
