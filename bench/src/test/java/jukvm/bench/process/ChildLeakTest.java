package jukvm.bench.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jukvm.bench.Leftovers;
import jukvm.error.HostException;
import org.junit.jupiter.api.Test;

/** What is left of children: no zombie, no descriptor, no memory. */
class ChildLeakTest {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final int THREADS = 64;
    private static final int STARTS = 20;

    private static Set<Long> children() {
        return ProcessHandle.current()
                .children()
                .map(ProcessHandle::pid)
                .collect(Collectors.toSet());
    }

    /** Returns how much anonymous memory there is beside the heap, in bytes. */
    private static long memory() {
        try (Stream<String> areas = Files.lines(Path.of("/proc/self/maps"))) {
            long all =
                    areas.filter(line -> line.contains(" rw-p 00000000 00:00 0"))
                            .map(line -> line.split("[- ]", 3))
                            .mapToLong(a -> Long.parseLong(a[1], 16) - Long.parseLong(a[0], 16))
                            .sum();
            return all - Runtime.getRuntime().totalMemory();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void shouldLeaveNothingOfManyThatManyThreadsStarted() throws Exception {
        shouldLeaveNothing(
                program("/bin/sh", "sh", "-c", "echo \"$0\"; exit 3", "hi"),
                program -> {
                    try (Child child = program.start()) {
                        ChildEnd end = child.await(LONG);
                        assertEquals("3 hi\n", end.status() + " " + end.output());
                    }
                });
    }

    @Test
    void shouldLeaveNothingOfThoseThatAreKilled() throws Exception {
        shouldLeaveNothing(
                program("/bin/sleep", "sleep", "1000"), program -> program.start().close());
    }

    @Test
    void shouldLeaveNothingOfThoseThatCannotBeStarted() throws Exception {
        shouldLeaveNothing(
                program("/missing", "missing"),
                program -> assertThrows(HostException.class, program::start));
    }

    private interface Use {
        void of(Program program) throws Exception;
    }

    private static Program program(String path, String... arguments) {
        return Program.of(Path.of(path), List.of(arguments), List.of());
    }

    private static void shouldLeaveNothing(Program program, Use use) throws Exception {
        inManyThreads(1, program, use); // The threads' own memory comes and stays.
        Set<Long> childrenBefore = children();
        List<String> openBefore = Leftovers.descriptors(List.of());
        long memoryBefore = memory();
        inManyThreads(STARTS, program, use);
        Set<Long> children = children();
        children.removeAll(childrenBefore);
        assertEquals(Set.of(), children);
        assertEquals(
                List.of(), Leftovers.await(List.of(), () -> Leftovers.descriptors(openBefore)));
        // Threads that end and the JVM's compilers give theirs back a moment later.
        long all = (long) THREADS * STARTS * (Child.OUTPUT + Child.ERRORS);
        assertTrue(Leftovers.await(true, () -> memory() - memoryBefore < all / 2));
    }

    private static void inManyThreads(int starts, Program program, Use use) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Callable<Integer>> loops = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                loops.add(
                        () -> {
                            for (int j = 0; j < starts; j++) {
                                use.of(program);
                            }
                            return starts;
                        });
            }
            for (Future<Integer> loop : threads.invokeAll(loops)) {
                assertEquals(starts, loop.get());
            }
        } finally {
            threads.shutdown();
            assertTrue(threads.awaitTermination(1, TimeUnit.MINUTES));
        }
    }
}
