package jukvm.bench.process;

import com.sun.jna.Memory;
import com.sun.jna.StringArray;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import jukvm.error.HostException;

/**
 * A program of the host with its arguments, ready to be started any number of times.
 *
 * <p>It is started by posix_spawn(3), not by the JDK, whose helper process takes a millisecond. In
 * the new process it leads a process group of its own, so that what the terminal sends to the JVM's
 * does not reach it; no signal is blocked or ignored, though the JVM ignores some; it has the three
 * standard streams and no other descriptor, though the JVM may have some that are not
 * close-on-exec. Thread-safe.
 */
public final class Program {
    // The first descriptor that is no standard stream.
    private static final int FIRST_OTHER = 3;

    // The same for all: filled in once, then only read.
    private static final Memory ATTRIBUTES = attributes();

    private final String name;
    private final StringArray arguments;
    private final StringArray environment;

    private Program(String name, List<String> arguments, List<String> environment) {
        this.name = name;
        this.arguments = strings(arguments);
        this.environment = strings(environment);
    }

    /**
     * Prepares a program. Whether it is there is only known when it is started.
     *
     * @param executable absolute path of the file; none is searched for
     * @param arguments all of them, from the name by which it is called, which comes first
     * @param environment all of it, as in {@code NAME=value}
     * @throws IllegalArgumentException if the path is relative, the arguments are none, or a string
     *     has a zero character
     */
    public static Program of(Path executable, List<String> arguments, List<String> environment) {
        boolean zero =
                Stream.concat(arguments.stream(), environment.stream())
                        .anyMatch(word -> word.indexOf('\0') >= 0);
        if (!executable.isAbsolute() || arguments.isEmpty() || zero) {
            throw new IllegalArgumentException(executable + " " + arguments);
        }
        return new Program(executable.toString(), arguments, environment);
    }

    private static StringArray strings(List<String> words) {
        return new StringArray(words.toArray(String[]::new), StandardCharsets.UTF_8.name());
    }

    /**
     * Starts it, in the working directory of the calling thread and with nothing on its standard
     * input.
     *
     * @throws HostException if it cannot be started
     */
    public Child start() {
        return Child.start(this);
    }

    /** Starts it with these as standard output and error; returns its process id. */
    int start(int out, int errors) {
        try (Memory actions = new Memory(C.ACTIONS_SIZE)) {
            C.checkNumber("posix_spawn", C.posix_spawn_file_actions_init(actions));
            try {
                C.checkNumber("dup2", C.posix_spawn_file_actions_adddup2(actions, out, 1));
                C.checkNumber("dup2", C.posix_spawn_file_actions_adddup2(actions, errors, 2));
                C.checkNumber(
                        "/dev/null",
                        C.posix_spawn_file_actions_addopen(actions, 0, "/dev/null", C.O_RDONLY, 0));
                C.checkNumber(
                        "closefrom",
                        C.posix_spawn_file_actions_addclosefrom_np(actions, FIRST_OTHER));
                int[] pid = new int[1];
                C.checkNumber(
                        "posix_spawn " + name,
                        C.posix_spawn(pid, name, actions, ATTRIBUTES, arguments, environment));
                return pid[0];
            } finally {
                C.posix_spawn_file_actions_destroy(actions);
            }
        }
    }

    private static Memory attributes() {
        Memory attributes = new Memory(C.ATTRIBUTES_SIZE);
        try (Memory signals = new Memory(C.SIGSET_SIZE)) {
            C.checkNumber("posix_spawnattr_init", C.posix_spawnattr_init(attributes));
            signals.clear();
            C.checkNumber("signals", C.posix_spawnattr_setsigmask(attributes, signals));
            signals.setMemory(0, C.SIGSET_SIZE, (byte) -1);
            C.checkNumber("signals", C.posix_spawnattr_setsigdefault(attributes, signals));
        }
        int flags = C.POSIX_SPAWN_SETPGROUP | C.POSIX_SPAWN_SETSIGDEF | C.POSIX_SPAWN_SETSIGMASK;
        C.checkNumber("flags", C.posix_spawnattr_setflags(attributes, (short) flags));
        return attributes;
    }

    /** Returns the path of the executable. */
    @Override
    public String toString() {
        return name;
    }
}
