package jukvm.cli.run;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import jukvm.call.Hypercall;
import jukvm.cli.invoker.Invoker;
import jukvm.cli.invoker.Outputs;
import jukvm.error.ConfigException;
import jukvm.guest.TracedCall;
import jukvm.stream.OutputFile;
import org.jspecify.annotations.Nullable;

/**
 * The hypercalls of a guest as lines of text, each written before the guest goes on, or as one
 * table at the end; to a file or standard error. Thread-safe.
 */
final class Trace implements Consumer<TracedCall>, AutoCloseable {
    private static final double MICROSECOND = 1e3;
    private static final double SECOND = 1e9;

    private final Wanted wanted;
    private final PrintWriter err;
    private final @Nullable OutputFile file;
    private final Map<String, Sum> sums = new TreeMap<>();
    private @Nullable String failure;
    private boolean isClosed;

    /**
     * What is asked for.
     *
     * @param place file to write to, {@link #ERR} for standard error
     * @param kinds of hypercall that are shown; a call that there is not always is
     * @param isSummed whether one table is shown instead of each call
     */
    record Wanted(String place, Set<Hypercall> kinds, boolean isSummed) {
        /** Stands for standard error. */
        static final String ERR = "-";
    }

    private static final class Sum {
        long calls;
        long nanos;
    }

    private Trace(Wanted wanted, PrintWriter err, @Nullable OutputFile file) {
        this.wanted = wanted;
        this.err = err;
        this.file = file;
    }

    /**
     * Opens the file, if it is to be one.
     *
     * @throws ConfigException if it cannot be written, or the run reads it
     */
    static Trace open(Invoker invoker, Outputs outputs, Wanted wanted) {
        if (wanted.place().equals(Wanted.ERR)) {
            return new Trace(wanted, invoker.err(), null);
        }
        try {
            OutputFile file = outputs.open("--trace", wanted.place());
            return new Trace(wanted, invoker.err(), file);
        } catch (IOException e) {
            throw new ConfigException("--trace: cannot write: " + e.getMessage());
        }
    }

    @Override
    public synchronized void accept(TracedCall call) {
        if (isClosed || (call.kind().isPresent() && !wanted.kinds().contains(call.kind().get()))) {
            return;
        }
        if (wanted.isSummed()) {
            Sum sum = sums.computeIfAbsent(call.name(), name -> new Sum());
            sum.calls++;
            sum.nanos += call.nanos();
        } else {
            write(call + "\n");
        }
    }

    private void write(String text) {
        if (file == null) {
            err.print(text);
            err.flush();
        } else if (failure == null) {
            try {
                file.write(text.getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                fail(e);
            }
        }
    }

    private void fail(IOException cause) {
        if (failure == null) {
            failure = "--trace: " + wanted.place() + ": " + cause.getMessage();
        }
    }

    /** Writes what is left to write, and ends the trace. What fails is told by {@link #failure}. */
    @Override
    public synchronized void close() {
        if (isClosed) {
            return;
        }
        if (wanted.isSummed()) {
            write(table());
        }
        isClosed = true;
        if (file != null) {
            try {
                file.close();
            } catch (IOException e) {
                fail(e);
            }
        }
    }

    private String table() {
        StringBuilder text = new StringBuilder("% time     seconds  usecs/call     calls call\n");
        long total = sums.values().stream().mapToLong(sum -> sum.nanos).sum();
        List<Map.Entry<String, Sum>> rows =
                sums.entrySet().stream()
                        .sorted(Comparator.comparing(row -> -row.getValue().nanos))
                        .toList();
        Sum all = new Sum();
        all.nanos = total;
        for (Map.Entry<String, Sum> row : rows) {
            text.append(row(row.getValue(), total, row.getKey()));
            all.calls += row.getValue().calls;
        }
        return text.append(row(all, total, "total")).toString();
    }

    private static String row(Sum sum, long total, String name) {
        return String.format(
                Locale.ROOT,
                "%6.2f %11.6f %11.3f %9d %s\n",
                100.0 * sum.nanos / Math.max(1, total),
                sum.nanos / SECOND,
                sum.nanos / MICROSECOND / Math.max(1, sum.calls),
                sum.calls,
                name);
    }

    /** Returns what went wrong, for the operator. */
    synchronized Optional<String> failure() {
        return Optional.ofNullable(failure);
    }

    /** Waits no more for whoever reads it; from any thread. */
    void stopWaiting() {
        if (file != null) {
            file.stopWaiting();
        }
    }
}
