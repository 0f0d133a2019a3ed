package jukvm.io;

import java.nio.file.Path;
import java.util.List;
import jukvm.error.HostException;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import jukvm.libc.NativeStrings;
import jukvm.libc.Spawn;

/**
 * A program of the host with its arguments, ready to be started any number of times.
 *
 * <p>Thread-safe, but for {@link #close}: not while others start it. What it has started goes on.
 */
public final class Program implements AutoCloseable {
    private static final int EXECUTABLE = 0;
    private static final int ARGUMENTS = 1;
    private static final int ENVIRONMENT = 2;

    private final String name;
    private final NativeStrings strings;
    private final Fd nothing;
    private volatile boolean closed;

    private Program(String name, NativeStrings strings, Fd nothing) {
        this.name = name;
        this.strings = strings;
        this.nothing = nothing;
    }

    /**
     * Prepares a program. Whether it is there is only known when it is started.
     *
     * @param executable absolute path of the file; none is searched for
     * @param arguments all of them, from the name by which it is called, which comes first
     * @param environment all of it, as in {@code NAME=value}
     * @throws IllegalArgumentException if the path is relative, the arguments are none, or a string
     *     has a zero character
     * @throws HostException if the host has no memory or descriptor for it
     */
    public static Program of(Path executable, List<String> arguments, List<String> environment) {
        if (!executable.isAbsolute() || arguments.isEmpty()) {
            throw new IllegalArgumentException(executable + " " + arguments);
        }
        String name = executable.toString();
        NativeStrings strings = NativeStrings.of(List.of(List.of(name), arguments, environment));
        try {
            return new Program(name, strings, Fd.open("/dev/null", Libc.O_RDONLY));
        } catch (HostException e) {
            strings.close();
            throw e;
        }
    }

    /**
     * Starts it, as the leader of a process group of its own and in the working directory of the
     * calling thread: with nothing on its standard input and no descriptor but the standard three.
     *
     * @throws HostException if it cannot be started
     */
    public Child start() {
        if (closed) {
            throw new IllegalStateException(name + ": program is closed");
        }
        return Child.start(this);
    }

    /** Returns what it reads: nothing. */
    Fd input() {
        return nothing;
    }

    /** Starts it by {@code spawn}; returns 0 or the negated errno. */
    int start(Spawn spawn, long pid) {
        return spawn.start(
                pid,
                strings.first(EXECUTABLE),
                strings.array(ARGUMENTS),
                strings.array(ENVIRONMENT));
    }

    /** Returns the path of the executable. */
    @Override
    public String toString() {
        return name;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            strings.close();
            nothing.close();
        }
    }
}
