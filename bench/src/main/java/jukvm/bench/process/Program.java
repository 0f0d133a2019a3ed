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
 * <p>Thread-safe.
 */
public final class Program {
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

    /**
     * Starts it, in the working directory of the calling thread and with nothing on its standard
     * input.
     *
     * @throws HostException if it cannot be started
     */
    public Child start() {
        return Child.start(this);
    }

    /** Starts it by posix_spawn(3), which stores its process id; returns an error number. */
    int start(int[] pid, Memory actions, Memory attributes) {
        return C.posix_spawn(pid, path.getPointer(0), actions, attributes, arguments, environment);
    }

    /** Returns the path of the executable. */
    @Override
    public String toString() {
        return name;
    }
}
