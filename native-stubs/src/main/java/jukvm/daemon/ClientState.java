package jukvm.daemon;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
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
    private static final byte[] FROZEN = "FROZEN\n".getBytes(US_ASCII);
    private static final byte[] IS_FROZEN = "frozen 1\n".getBytes(US_ASCII);

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

    // Of the group that can be frozen: that of version 1 if there is one. Null where none can be.
    private static @Nullable Fd group(int pid) {
        try {
            String unified = "";
            for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/cgroup"))) {
                String[] parts = line.split(":", 3);
                if (parts.length == 3 && parts[1].equals("freezer") && parts[2].length() > 1) {
                    String state = GROUPS + "/freezer" + parts[2] + "/freezer.state";
                    return Fd.open(state, Libc.O_RDONLY);
                }
                unified = parts.length == 3 && parts[1].isEmpty() ? parts[2] : unified;
            }
            return unified.length() > 1
                    ? Fd.open(GROUPS + unified + "/cgroup.events", Libc.O_RDONLY)
                    : null;
        } catch (IOException | HostException e) {
            return null;
        }
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
        return Arrays.equals(text, FROZEN) || endsWith(text, IS_FROZEN);
    }

    private static boolean endsWith(byte[] text, byte[] end) {
        int from = text.length - end.length;
        return from >= 0 && Arrays.equals(text, from, text.length, end, 0, end.length);
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
