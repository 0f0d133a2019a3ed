package jukvm.libc;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Starts programs: found on PATH, leading a process group of their own, so that what the terminal
 * sends to this one does not reach them, with no signal blocked or ignored and no descriptors but
 * those given. Source: posix_spawn(3).
 */
public final class Spawn {
    private static final Libc LIBC = Libc.get();

    // More than any libc needs for posix_spawn_file_actions_t and posix_spawnattr_t.
    private static final int ACTIONS = 0;
    private static final int ATTRIBUTES = 256;
    private static final int NO_SIGNALS = 1024;
    private static final int ALL_SIGNALS = NO_SIGNALS + 128;
    private static final int PID = ALL_SIGNALS + 128; // i32
    private static final int DEVICE = PID + 8;
    private static final int ARENA = DEVICE + 16;

    private static final int POSIX_SPAWN_SETPGROUP = 2;
    private static final int POSIX_SPAWN_SETSIGDEF = 4;
    private static final int POSIX_SPAWN_SETSIGMASK = 8;

    private Spawn() {}

    /**
     * Starts a program in the environment of this process, whose standard input is empty.
     *
     * @param words its name and its arguments
     * @param errors a descriptor that becomes its standard output and error
     * @param others descriptors that become its third and those after it; all numbers are higher
     *     than these
     * @return its process id, or the negated errno
     */
    public static int start(List<String> words, int errors, int... others) {
        return start(words, System.getenv(), errors, others);
    }

    /** The same in an environment of these variables. */
    public static int start(
            List<String> words, Map<String, String> variables, int errors, int... others) {
        List<String> environment = environment(variables);
        try (Mapping arena = Mapping.anonymous(ARENA);
                NativeStrings strings = NativeStrings.of(List.of(words, environment))) {
            ByteBuffer at = arena.window(0, ARENA);
            for (int i = ALL_SIGNALS; i < PID; i++) {
                at.put(i, (byte) -1);
            }
            at.put(DEVICE, "/dev/null".getBytes(US_ASCII));
            long actions = arena.address() + ACTIONS;
            long attributes = arena.address() + ATTRIBUTES;
            LIBC.call("posix_spawn_file_actions_init", actions);
            LIBC.call("posix_spawnattr_init", attributes);
            try {
                describe(arena.address(), errors, others);
                int error =
                        (int)
                                LIBC.call(
                                        "posix_spawnp",
                                        arena.address() + PID,
                                        strings.first(0),
                                        actions,
                                        attributes,
                                        strings.array(0),
                                        strings.array(1));
                return error == 0 ? at.getInt(PID) : -Math.abs(error);
            } finally {
                LIBC.call("posix_spawnattr_destroy", attributes);
                LIBC.call("posix_spawn_file_actions_destroy", actions);
            }
        }
    }

    private static void describe(long arena, int errors, int... others) {
        long actions = arena + ACTIONS;
        long attributes = arena + ATTRIBUTES;
        String dup2 = "posix_spawn_file_actions_adddup2";
        LIBC.call("posix_spawn_file_actions_addopen", actions, 0, arena + DEVICE, Libc.O_RDONLY, 0);
        LIBC.call(dup2, actions, errors, 1);
        LIBC.call(dup2, actions, errors, 2);
        for (int i = 0; i < others.length; i++) {
            LIBC.call(dup2, actions, others[i], 3 + i);
        }
        // From glibc 2.34 on. Without, what is not close-on-exec stays open there.
        LIBC.call("posix_spawn_file_actions_addclosefrom_np", actions, 3 + others.length);
        LIBC.call("posix_spawnattr_setsigmask", attributes, arena + NO_SIGNALS);
        LIBC.call("posix_spawnattr_setsigdefault", attributes, arena + ALL_SIGNALS);
        LIBC.call(
                "posix_spawnattr_setflags",
                attributes,
                POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    }

    private static List<String> environment(Map<String, String> variables) {
        Stream<String> each =
                variables.entrySet().stream().map(entry -> entry.getKey() + "=" + entry.getValue());
        return each.toList();
    }
}
