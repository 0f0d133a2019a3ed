package jukvm.bench.process;

import com.sun.jna.Memory;
import com.sun.jna.StringArray;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import jukvm.error.HostException;

/**
 * A program of the host with its arguments, ready to be started any number of times; not by the
 * JDK, whose helper process takes a millisecond. Thread-safe. Source: posix_spawn(3).
 */
public final class Program {
    private static final int NO_FD = -1;
    // The same for all: opened or filled in once, then only read.
    private static final int NOTHING =
            C.check("/dev/null: open", C.open("/dev/null", C.O_RDONLY | C.O_CLOEXEC));
    private static final Memory ATTRIBUTES = attributes();

    private final String name;
    private final StringArray path;
    private final StringArray arguments;
    private final StringArray environment;

    private Program(String name, List<String> arguments, List<String> environment) {
        this.name = name;
        this.path = strings(List.of(name));
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

    // A process group of its own, so that what the terminal sends to the JVM's does not reach it;
    // no signal blocked or ignored, though the JVM ignores some.
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

    /**
     * Starts it, in the working directory of the calling thread and with nothing on its standard
     * input.
     *
     * @throws HostException if it cannot be started
     */
    public Child start() {
        int[] pipe = new int[2];
        int[] pid = new int[1];
        C.check("pipe2", C.pipe2(pipe, C.O_CLOEXEC));
        int errors = NO_FD;
        try (Memory actions = new Memory(C.ACTIONS_SIZE)) {
            errors = C.check("memfd_create", C.memfd_create("stderr", C.MFD_CLOEXEC));
            C.checkNumber("posix_spawn", C.posix_spawn_file_actions_init(actions));
            long started;
            try {
                connect(actions, pipe[1], errors);
                started = System.nanoTime();
                int errno =
                        C.posix_spawn(
                                pid,
                                path.getPointer(0),
                                actions,
                                ATTRIBUTES,
                                arguments,
                                environment);
                C.checkNumber("posix_spawn " + name, errno);
            } finally {
                C.posix_spawn_file_actions_destroy(actions);
            }
            C.close(pipe[1]);
            pipe[1] = NO_FD;
            return new Child(name, pipe[0], errors, started, pid[0]);
        } catch (HostException e) {
            C.close(pipe[0]);
            C.close(pipe[1]);
            C.close(errors);
            throw e;
        }
    }

    // It gets the three standard streams and no other descriptor, though the JVM may have some that
    // are not close-on-exec. The descriptors' own numbers are higher: if the JVM was started
    // without
    // those three, files of its own have taken them.
    private static void connect(Memory actions, int out, int errors) {
        C.checkNumber("dup2", C.posix_spawn_file_actions_adddup2(actions, NOTHING, 0));
        C.checkNumber("dup2", C.posix_spawn_file_actions_adddup2(actions, out, 1));
        C.checkNumber("dup2", C.posix_spawn_file_actions_adddup2(actions, errors, 2));
        C.checkNumber("closefrom", C.posix_spawn_file_actions_addclosefrom_np(actions, 3));
    }

    /** Returns the path of the executable. */
    @Override
    public String toString() {
        return name;
    }
}
