package jukvm.monitor;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import jukvm.debug.Pprof;
import jukvm.debug.Samples;

/**
 * Looks at intervals where guests are, and sums that up by the functions that their images name. A
 * guest that is in the monitor, for a hypercall or waiting, is seen there, below the function that
 * called. Callers are known as far as the guest keeps frame pointers. Of several runs it has the
 * sum. Thread-safe.
 */
public final class Profiler {
    /** The most samples a second. */
    public static final int MAX_HZ = Samples.MAX_HZ;

    private final Samples samples;

    private Profiler(Samples samples) {
        this.samples = samples;
    }

    /**
     * Makes one without samples.
     *
     * @param hz samples a second and guest, 1 to {@link #MAX_HZ}
     * @throws IllegalArgumentException if it is none of these
     */
    public static Profiler every(int hz) {
        return new Profiler(new Samples(hz));
    }

    Samples samples() {
        return samples;
    }

    /** Returns how many samples there are of guests that have ended. */
    public long count() {
        return samples.all().stream().mapToLong(Samples.Counted::count).sum();
    }

    /**
     * Writes folded stacks: a line for each, its functions parted by semicolons, then how many
     * samples there were. Tools that draw flame graphs read it.
     *
     * @throws IOException if the stream does
     */
    public void writeFolded(OutputStream to) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (Samples.Counted stack : samples.all()) {
            String separator = "";
            for (String function : stack.functions()) {
                lines.append(separator).append(function.replace(';', ':'));
                separator = ";";
            }
            lines.append(' ').append(stack.count()).append('\n');
        }
        to.write(lines.toString().getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Writes the form that pprof reads, gzipped.
     *
     * @throws IOException if the stream does
     */
    public void writePprof(OutputStream to) throws IOException {
        Pprof.write(samples, to);
    }
}
