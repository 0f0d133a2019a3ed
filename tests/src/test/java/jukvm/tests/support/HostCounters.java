package jukvm.tests.support;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/**
 * What this process holds of its host and of its own heap, after a collection of garbage.
 *
 * @param open descriptors of the kinds that guests need
 * @param threads tasks of the kernel, by name
 * @param mappings lines of /proc/self/maps
 * @param vcpuPages of those, the shared pages of vCPUs
 * @param reservations of those, the large ones that nobody may touch
 * @param buffers direct and mapped ones
 * @param bufferBytes theirs together
 * @param heapBytes in use
 * @param residentBytes of the whole process, but for files that it maps, whose pages come and go
 * @param loadedClasses in the JVM now
 */
public record HostCounters(
        OpenFiles open,
        Map<String, Long> threads,
        long mappings,
        long vcpuPages,
        Reservations reservations,
        long buffers,
        long bufferBytes,
        long heapBytes,
        long residentBytes,
        long loadedClasses) {
    private static final Path PROCESS = Path.of("/proc/self");

    // The JVM has a few of its own for each thread that writes; a leak is one for each guest.
    private static final long BUFFERS = 16;
    private static final long BUFFER_BYTES = 256 << 10;

    // A thread that was joined may be in the kernel's list for a moment, what a collection finds is
    // freed by a thread of the JVM's, and a monitor of another test may keep a VM for 10 s.
    private static final long REST_NANOS = Run.LONG.toNanos();

    /** Counts now. */
    public static HostCounters now() throws IOException {
        System.gc();
        List<String> maps = Files.readAllLines(PROCESS.resolve("maps"));
        return new HostCounters(
                OpenFiles.ofGuests(),
                count(PROCESS.resolve("task"), HostCounters::name),
                maps.size(),
                maps.stream().filter(line -> line.contains("kvm-vcpu")).count(),
                new Reservations(maps),
                sum(BufferPoolMXBean::getCount),
                sum(BufferPoolMXBean::getMemoryUsed),
                ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
                resident(),
                ManagementFactory.getClassLoadingMXBean().getLoadedClassCount());
    }

    /** What {@link #count} asks of an entry; fails if the entry is gone. */
    private interface Question {
        String of(Path entry) throws IOException;
    }

    private static Map<String, Long> count(Path folder, Question question) throws IOException {
        Map<String, Long> counts = new TreeMap<>();
        try (Stream<Path> all = Files.list(folder)) {
            for (Path entry : all.toList()) {
                try {
                    counts.merge(question.of(entry), 1L, Long::sum);
                } catch (IOException e) {
                    // It has ended since the folder was read.
                }
            }
        }
        return counts;
    }

    private static String name(Path task) throws IOException {
        return Files.readString(task.resolve("comm")).strip();
    }

    private static long sum(ToLongFunction<BufferPoolMXBean> count) {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .mapToLong(count)
                .sum();
    }

    private static long resident() throws IOException {
        return Files.readAllLines(PROCESS.resolve("smaps_rollup")).stream()
                .filter(line -> line.matches("Pss_(Anon|Shmem):.*"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                .sum();
    }

    /** Returns the threads that are there because of guests, by name. */
    public Map<String, Long> guestThreads() {
        Map<String, Long> guests = new TreeMap<>(threads);
        guests.keySet().removeIf(name -> !name.matches("(jukvm|kvm|guest).*"));
        return guests;
    }

    /** Returns what of all that guests need is held now and was not; empty if nothing is. */
    private String more(HostCounters now) {
        Map<String, Long> more = moreThreads(now.guestThreads());
        more.put("vCPUs' pages", now.vcpuPages - vcpuPages);
        more.put("reservations", now.reservations.minus(reservations));
        more.put("buffers", now.buffers - buffers - BUFFERS);
        more.put("bytes in buffers", now.bufferBytes - bufferBytes - BUFFER_BYTES);
        now.open.minus(open).forEach(target -> more.merge(target, 1L, Long::sum));
        more.values().removeIf(count -> count <= 0);
        return more.isEmpty() ? "" : more.toString();
    }

    /** Returns of which of these threads there were fewer, and by how many. */
    public Map<String, Long> moreThreads(Map<String, Long> now) {
        Map<String, Long> more = new TreeMap<>(now);
        more.replaceAll((name, count) -> count - threads.getOrDefault(name, 0L));
        more.values().removeIf(count -> count <= 0);
        return more;
    }

    /** Counts until the counters are as they should be, or have come to rest. */
    public static HostCounters await(Predicate<HostCounters> wanted)
            throws IOException, InterruptedException {
        long start = System.nanoTime();
        HostCounters now = now();
        while (!wanted.test(now) && System.nanoTime() - start < REST_NANOS) {
            Thread.sleep(10);
            now = now();
        }
        return now;
    }

    /**
     * Asserts that what guests made the process hold since this was counted is given back. Of all
     * there may be less, because that of guests before was still to be freed.
     */
    public HostCounters assertGivenBack() throws IOException, InterruptedException {
        HostCounters now = await(counters -> more(counters).isEmpty());
        assertEquals("", more(now), "more than before");
        return now;
    }
}
