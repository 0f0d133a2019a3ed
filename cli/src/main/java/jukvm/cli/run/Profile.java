package jukvm.cli.run;

import java.io.IOException;
import java.util.Optional;
import jukvm.cli.invoker.Outputs;
import jukvm.error.ConfigException;
import jukvm.monitor.Profiler;
import jukvm.stream.OutputFile;
import org.jspecify.annotations.Nullable;

/** Where a guest was at intervals, written to a file once it has ended. Used by one thread. */
final class Profile implements AutoCloseable {
    private static final String PPROF = ".pb.gz";

    private final Wanted wanted;
    private final Profiler profiler;
    private final OutputFile file;
    private @Nullable String failure;

    /**
     * What is asked for.
     *
     * @param hz samples a second
     * @param path file to write to, in pprof's form if it is called as such files are
     */
    record Wanted(int hz, String path) {
        /**
         * Returns what an option's value asks for.
         *
         * @throws ConfigException if it is none
         */
        static Wanted of(String value) {
            int comma = value.indexOf(',');
            String hz = value.substring(0, Math.max(0, comma));
            if (!hz.matches("[0-9]{1,5}") || comma == value.length() - 1) {
                throw new ConfigException("'" + value + "' is not HZ,FILE, as in 500,out.folded");
            }
            int number = Integer.parseInt(hz);
            if (number < 1 || number > Profiler.MAX_HZ) {
                throw new ConfigException(
                        number + " samples a second, need 1 to " + Profiler.MAX_HZ);
            }
            return new Wanted(number, value.substring(comma + 1));
        }
    }

    /**
     * Opens the file.
     *
     * @throws ConfigException if it cannot be written, or the run reads it
     */
    Profile(Wanted wanted, Outputs outputs) {
        this.wanted = wanted;
        this.profiler = Profiler.every(wanted.hz());
        try {
            this.file = outputs.open("--profile", wanted.path());
        } catch (IOException e) {
            throw new ConfigException("--profile: cannot write: " + e.getMessage());
        }
    }

    Profiler profiler() {
        return profiler;
    }

    /** Writes it, once. What fails is told by {@link #failure}. */
    @Override
    public void close() {
        if (!file.isOpen()) {
            return;
        }
        try (file) {
            if (wanted.path().endsWith(PPROF)) {
                profiler.writePprof(file);
            } else {
                profiler.writeFolded(file);
            }
        } catch (IOException e) {
            failure = "--profile: " + wanted.path() + ": " + e.getMessage();
        }
    }

    /** Returns what went wrong, for the operator. */
    Optional<String> failure() {
        return Optional.ofNullable(failure);
    }

    /** Waits no more for whoever reads it; from any thread. */
    void stopWaiting() {
        file.stopWaiting();
    }
}
