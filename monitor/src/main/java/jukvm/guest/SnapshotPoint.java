package jukvm.guest;

import java.util.Optional;
import jukvm.call.Hypercall;
import jukvm.monitor.Snapshot;
import jukvm.text.HostText;
import jukvm.text.Printable;
import org.jspecify.annotations.Nullable;

/**
 * Where a guest is stopped for a {@link Snapshot}: always at a hypercall, which each clone makes
 * first of all.
 */
public final class SnapshotPoint {
    private final long after;
    private final @Nullable Hypercall kind;
    private final Optional<String> text;

    private SnapshotPoint(long after, @Nullable Hypercall kind, Optional<String> text) {
        this.after = after;
        this.kind = kind;
        this.text = text;
    }

    /** Returns the point at which the guest first waits, as a server does once it is ready. */
    public static SnapshotPoint firstPoll() {
        return new SnapshotPoint(0, Hypercall.POLL, Optional.empty());
    }

    /**
     * Returns the point at which the guest makes its next hypercall after so many.
     *
     * @param count of hypercalls that are answered before, 0 or more
     * @throws IllegalArgumentException if it is negative
     */
    public static SnapshotPoint afterHypercalls(long count) {
        if (count < 0) {
            throw new IllegalArgumentException("count=" + count);
        }
        return new SnapshotPoint(count, null, Optional.empty());
    }

    /**
     * Returns the point at which the guest makes its next hypercall after it has printed something.
     *
     * @param text that stands in what it prints, in UTF-8 or as {@link HostText} has it
     * @throws IllegalArgumentException if it is empty
     */
    public static SnapshotPoint afterPrinting(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("no text");
        }
        return new SnapshotPoint(0, null, Optional.of(text));
    }

    /** Returns what the guest is to have printed, empty if that does not matter. */
    public Optional<String> text() {
        return text;
    }

    /**
     * Returns whether a hypercall is the point.
     *
     * @param made how many were answered before
     * @param isPrinted whether the guest has printed the {@link #text}
     */
    public boolean isReached(long made, Hypercall next, boolean isPrinted) {
        if (text.isPresent()) {
            return isPrinted;
        }
        return kind == null ? made >= after : next == kind;
    }

    @Override
    public String toString() {
        if (text.isPresent()) {
            return "a line with '" + Printable.of(text.get()) + "'";
        }
        return kind == null ? "hypercall " + (after + 1) : "its first poll";
    }
}
