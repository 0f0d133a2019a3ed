package jukvm.daemon;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jukvm.error.HostException;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;
import org.jspecify.annotations.Nullable;

/**
 * Whether the process of a client stands still: it is stopped, which it cannot tell by itself after
 * a SIGSTOP, or its control group is frozen. Of one that cannot be seen from here it is not known.
 * Used by one thread at a time. Source: proc_pid_stat(5), cgroups(7); the kernel's cgroup-v2,
 * cgroup.events.
 */
final class ClientState implements AutoCloseable {
    private static final Libc LIBC = Libc.get();

    // Number, name in parentheses of at most 64 bytes, and state.
    private static final int LONGEST = 128;
    private static final int AFTER_NAME = 2;

    private static final String GROUPS = "/sys/fs/cgroup";

    private final Fd file;
    private final @Nullable Fd group;
    private final Mapping arena = Mapping.anonymous(LONGEST);

    private ClientState(Fd file, @Nullable Fd group) {
        this.file = file;
        this.group = group;
    }

    /**
     * Returns that of a process that is there now.
     *
     * @throws HostException if it cannot be seen
     */
    static ClientState of(int pid) {
        // The open file stays that of this process, whoever has the number later.
        return new ClientState(Fd.open("/proc/" + pid + "/stat", Libc.O_RDONLY), group(pid));
    }

    // Null where it is in no group that can be frozen.
    private static @Nullable Fd group(int pid) {
        try {
            String file = groupFile(Files.readAllLines(Path.of("/proc/" + pid + "/cgroup")));
            return file.isEmpty() ? null : Fd.open(file, Libc.O_RDONLY);
        } catch (IOException | HostException e) {
            return null;
        }
    }

    /**
     * Returns the file that tells whether a process is frozen, by the lines of its {@code cgroup}:
     * that of version 1 if it is in such a group; empty if it is in none.
     */
    static String groupFile(List<String> lines) {
        String unified = "";
        for (String line : lines) {
            String[] parts = line.split(":", 3);
            if (parts.length < 3 || parts[2].length() < 2) {
                continue; // That of all processes cannot be frozen.
            }
            if (parts[1].equals("freezer")) {
                return GROUPS + "/freezer" + parts[2] + "/freezer.state";
            }
            unified = parts[1].isEmpty() ? GROUPS + parts[2] + "/cgroup.events" : unified;
        }
        return unified;
    }

    /** Returns whether it stands still; not if it has ended. */
    boolean isStopped() {
        return isStoppedItself() || isFrozen();
    }

    private boolean isFrozen() {
        if (group == null) {
            return false;
        }
        long length = LIBC.pread(group.number(), arena.address(), LONGEST, 0);
        byte[] text = new byte[(int) Math.max(0, length)];
        arena.window(0, LONGEST).get(text);
        return isFrozen(new String(text, US_ASCII));
    }

    /** Returns whether such a file says so. */
    static boolean isFrozen(String text) {
        return text.equals("FROZEN\n") || text.endsWith("\nfrozen 1\n");
    }

    private boolean isStoppedItself() {
        long length = LIBC.pread(file.number(), arena.address(), LONGEST, 0);
        ByteBuffer at = arena.window(0, LONGEST);
        int end = (int) length - 1 - AFTER_NAME;
        while (end >= 0 && at.get(end) != ')') {
            end--;
        }
        return end >= 0 && at.get(end + AFTER_NAME) == 'T';
    }

    @Override
    public void close() {
        file.close();
        if (group != null) {
            group.close();
        }
        arena.close();
    }
}
