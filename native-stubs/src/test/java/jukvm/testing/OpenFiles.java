package jukvm.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The descriptors of this process of the kinds that a test is about, as they were at one moment. Of
 * all together nothing can be said: the JVM opens and closes files whenever it likes, such as jars,
 * what a binding needs, or those of its cgroup. Source: proc(5), /proc/self/fd.
 */
public final class OpenFiles {
    /** What each eventfd, epoll set and pidfd leads to begins so, and a VM of KVM. */
    public static final String ANONYMOUS = "anon_inode:";

    /** What a socket leads to begins so, and ends with its inode. */
    public static final String SOCKET = "socket:";

    // With its first channel to a file, JDK 17 opens a socket for good.
    static {
        try {
            Files.newByteChannel(Path.of("/proc/self/stat")).close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final List<String> kinds;
    private final List<String> targets;

    private OpenFiles(List<String> kinds) {
        this.kinds = kinds;
        this.targets = targets(kinds);
    }

    /**
     * Notes what is open.
     *
     * @param kinds how what the descriptors lead to begins, such as {@link #SOCKET} or a file's
     *     path
     */
    public static OpenFiles now(String... kinds) {
        return new OpenFiles(List.of(kinds));
    }

    /** Returns what the descriptors lead to, one element for each, in the order of numbers. */
    public List<String> targets() {
        return targets;
    }

    /** Fails if more is open of these kinds than was; waits a while for what may still go. */
    public void assertNothingMore() throws InterruptedException {
        long start = System.nanoTime();
        List<String> more = more();
        while (!more.isEmpty() && System.nanoTime() - start < PATIENCE_NANOS) {
            Thread.sleep(10);
            more = more();
        }
        assertEquals(List.of(), more, "still open");
    }

    private List<String> more() {
        List<String> more = new ArrayList<>(targets(kinds));
        targets.forEach(more::remove); // One for each.
        return more;
    }

    private static List<String> targets(List<String> kinds) {
        List<String> targets = new ArrayList<>();
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors.toList()) {
                String target = target(descriptor);
                if (kinds.stream().anyMatch(target::startsWith)) {
                    targets.add(target);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return targets;
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
            return ""; // It has been closed since the folder was read.
        }
    }
}
