package jukvm.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jukvm.monitor.Monitor;
import jukvm.monitor.Outcome;
import jukvm.monitor.Ring;
import org.junit.jupiter.api.Test;

/** Nothing of a guest is left with the host when its run has returned. */
@RequiresKvm
final class HostLeakIT {
    private static final int WARM_UP = 50;
    private static final int RUNS = 500;

    /** What a process holds of its host, counted. */
    record Holdings(Map<String, Long> descriptors, long guestMappings, long threads) {
        static Holdings now() throws IOException {
            return new Holdings(
                    countDescriptors(),
                    mappings("kvm-vcpu") + mappings("---p 00000000 00:00 0"),
                    countThreads());
        }

        private static Map<String, Long> countDescriptors() throws IOException {
            try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
                return all.map(HostLeakIT::target)
                        .filter(target -> target.startsWith("anon_inode:"))
                        .collect(
                                Collectors.groupingBy(
                                        target -> target, TreeMap::new, Collectors.counting()));
            }
        }

        private static long mappings(String what) throws IOException {
            return Files.readAllLines(Path.of("/proc/self/maps")).stream()
                    .filter(line -> line.contains(what) && isLarge(line))
                    .count();
        }

        // A guest's window is 8 GiB, most of it guard; a vCPU's page is counted by its name.
        private static boolean isLarge(String line) {
            String[] range = line.substring(0, line.indexOf(' ')).split("-", -1);
            long size = Long.parseUnsignedLong(range[1], 16) - Long.parseUnsignedLong(range[0], 16);
            return size >= 1L << 30 || line.contains("kvm-vcpu");
        }

        private static long countThreads() throws IOException {
            try (Stream<Path> all = Files.list(Path.of("/proc/self/task"))) {
                return all.map(HostLeakIT::name)
                        .filter(n -> n.startsWith("jukvm") || n.startsWith("kvm"))
                        .count();
            }
        }
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
            return "gone";
        }
    }

    private static String name(Path task) {
        try {
            return Files.readString(task.resolve("comm"));
        } catch (IOException e) {
            return "gone";
        }
    }

    @Test
    void shouldLeaveNothingBehind() throws IOException {
        try (Monitor monitor = Monitor.open(0)) {
            runMany(monitor, WARM_UP);
            Holdings before = Holdings.now();
            runMany(monitor, RUNS);
            Holdings after = Holdings.now();
            assertEquals(before.descriptors, after.descriptors);
            assertEquals(before.guestMappings, after.guestMappings);
            // Threads that have ended may still be on their way out of the kernel's list.
            assertTrue(after.threads <= before.threads + 1, before + " then " + after);
        }
    }

    private static void runMany(Monitor monitor, int count) {
        Path hello = Guests.prebuilt("hello.hvt");
        Path fault = Guests.prebuilt("write-text.hvt");
        for (int i = 0; i < count; i++) {
            Run run = Run.of(monitor, i % 5 == 0 ? fault : hello, Ring.AUTO, "exit=7");
            assertEquals(i % 5 != 0, run.result().outcome().equals(new Outcome.Exited(7)));
        }
    }
}
