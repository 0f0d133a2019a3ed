package jukvm.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import jukvm.error.HostException;
import jukvm.testing.ProcMaps;
import org.junit.jupiter.api.Test;

/** What is left of children: no zombie, no descriptor, no memory. */
class ChildLeakTest {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final int THREADS = 64;
    private static final int STARTS = 20;

    // What a child is started with and waited for.
    private static final List<String> KINDS =
            List.of("pipe:", "/memfd:", "/dev/null", "anon_inode:[pidfd]", "pidfd:");

    private record Left(long children, long descriptors, long memory) {
        static Left count() throws Exception {
            try (var fds = Files.list(Path.of("/proc/self/fd"))) {
                long memory =
                        ProcMaps.read().stream()
                                .filter(a -> a.inode() == 0 && a.protection().equals("rw-p"))
                                .mapToLong(area -> area.end() - area.start())
                                .sum();
                long heap = Runtime.getRuntime().totalMemory();
                long children = ProcessHandle.current().children().count();
                long descriptors = fds.filter(Left::isOfChildren).count();
                return new Left(children, descriptors, memory - heap);
            }
        }

        // The JVM opens files for a moment now and then, such as those of its cgroup.
        private static boolean isOfChildren(Path fd) {
            try {
                String target = Files.readSymbolicLink(fd).toString();
                return KINDS.stream().anyMatch(target::startsWith);
            } catch (IOException e) {
                return false; // It has been closed.
            }
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

    private static void shouldLeaveNothing(Program opened, Use use) throws Exception {
        try (Program program = opened) {
            inManyThreads(1, program, use); // The threads' own memory comes and stays.
            Left before = Left.count();
            inManyThreads(STARTS, program, use);
            Left after = Left.count();
            assertEquals(before.children, after.children);
            assertEquals(before.descriptors, after.descriptors);
            long all = (long) THREADS * STARTS * (Child.OUTPUT + Child.ERRORS);
            long left = after.memory - before.memory;
            assertTrue(left < all / 2, left + " bytes left");
        }
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
        }
    }
}
