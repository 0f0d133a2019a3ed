package jukvm.tests.support;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/**
 * The descriptors of a process of the kinds that a test is about, as they were at one moment. Of
 * all together nothing can be said: the JVM opens and closes files whenever it likes, such as jars,
 * what a binding needs, or those of its cgroup. Source: proc(5), /proc/PID/fd.
 */
public final class OpenFiles {
    // With its first channel to a file, JDK 17 opens a socket for good.
    static {
        try {
            Files.newByteChannel(Path.of("/proc/self/stat")).close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final long PATIENCE_NANOS = Run.LONG.toNanos();

    // Where libffi has files, too.
    private static final String TEMPORARY = System.getProperty("java.io.tmpdir");

    // VMs, vCPUs, eventfds, epoll sets and pidfds; sockets and pipes end with their inode.
    private static final List<String> OF_GUESTS =
            List.of(
                    "/dev/kvm",
                    "/dev/net/",
                    "anon_inode:",
                    "pidfd:",
                    "/memfd:",
                    "socket:",
                    "pipe:",
                    Guests.prebuilt("").toString(),
                    TEMPORARY + "/jukvm",
                    TEMPORARY + "/junit");

    private static final String VCPU = "anon_inode:kvm-vcpu:0";
    private static final List<String> STANDING = List.of("anon_inode:kvm-vm", VCPU);

    private static final String SELF = "self";

    private final String process;
    private final List<String> kinds;
    private final List<String> targets;

    // vCPUs that nobody can run, since nobody has mapped their page.
    private final int standing;

    private OpenFiles(String process, List<String> kinds) {
        this.process = process;
        this.kinds = kinds;
        this.targets = targets(process, kinds);
        this.standing = Collections.frequency(targets, VCPU) - mappedVcpus(process);
    }

    /**
     * Notes what is open.
     *
     * @param kinds how what the descriptors lead to begins, such as {@code socket:} or a file's
     *     path
     */
    public static OpenFiles now(String... kinds) {
        return new OpenFiles(SELF, List.of(kinds));
    }

    /** Notes what of all that guests can make this process open is open. */
    public static OpenFiles ofGuests() {
        return new OpenFiles(SELF, OF_GUESTS);
    }

    /** Notes what of these kinds another process has open. */
    public static OpenFiles of(long pid, String... kinds) {
        return new OpenFiles(Long.toString(pid), List.of(kinds));
    }

    /** Notes all that guests can make it open. */
    public static OpenFiles ofGuests(long pid) {
        return new OpenFiles(Long.toString(pid), OF_GUESTS);
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

    // In a daemon one vCPU stands from the second VM on, which may have come since.
    private List<String> more() {
        OpenFiles now = new OpenFiles(process, kinds);
        List<String> more = now.minus(this);
        if (!process.equals(SELF) && standing == 0 && now.standing == 1) {
            STANDING.forEach(more::remove); // One of each.
        }
        return more;
    }

    /** Returns what is open here and was not there. */
    public List<String> minus(OpenFiles there) {
        List<String> more = new ArrayList<>(targets);
        there.targets.forEach(more::remove); // One for each.
        return more;
    }

    @Override
    public String toString() {
        return targets.toString();
    }

    private static int mappedVcpus(String process) {
        try (Stream<String> maps = Files.lines(Path.of("/proc", process, "maps"))) {
            return (int) maps.filter(line -> line.endsWith(VCPU)).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> targets(String process, List<String> kinds) {
        List<String> targets = new ArrayList<>();
        try (Stream<Path> descriptors = Files.list(Path.of("/proc", process, "fd"))) {
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
