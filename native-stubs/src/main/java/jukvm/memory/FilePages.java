package jukvm.memory;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import jukvm.io.HostFile;
import jukvm.libc.Fd;
import jukvm.libc.Mapping;
import jukvm.memory.MemoryTemplate.Run;

/**
 * Pages of a file that memory begins with, copy-on-write, each of them read when it is touched. The
 * file is kept as it is for as long as this is open, by a lease: who wants to write to it ends this
 * process. So it is for a process whose guests all go on from this file. What is in its pages
 * nobody has looked at. Immutable; thread-safe.
 */
public final class FilePages implements AutoCloseable {
    // Each is a mapping of the host's, which takes a microsecond or two.
    private static final int MAX_RUNS = 1024;

    private final Fd file;
    private final long offset;
    private final List<Run> runs;

    private FilePages(Fd file, long offset, List<Run> runs) {
        this.file = file;
        this.offset = offset;
        this.runs = runs;
    }

    /**
     * Returns those of a file; nothing if it cannot be kept as it is, or they are in too many runs.
     *
     * @param offset of the first in the file, in bytes, a multiple of the page size; the others
     *     follow it
     * @param runs where in memory they are, in whole pages, ascending; the file has all of them
     */
    public static Optional<FilePages> of(HostFile file, long offset, List<Run> runs) {
        return runs.size() > MAX_RUNS
                ? Optional.empty()
                : file.lease().map(kept -> new FilePages(kept, offset, runs));
    }

    /** Replaces parts of a mapping by them. */
    void overlay(Mapping mapping) {
        long from = offset;
        for (Run run : runs) {
            mapping.overlay(run.start(), run.length(), file, from);
            from += run.length();
        }
    }

    /** Returns where they and others are, ascending and without two that meet. */
    List<Run> with(List<Run> others) {
        List<Run> all = new ArrayList<>(runs);
        all.addAll(others);
        all.sort(Comparator.comparingLong(Run::start));
        List<Run> joined = new ArrayList<>();
        long end = -1;
        for (Run run : all) {
            if (run.start() > end) {
                joined.add(run);
            } else {
                Run before = joined.remove(joined.size() - 1);
                long reach = Math.max(end, run.start() + run.length());
                joined.add(new Run(before.start(), reach - before.start()));
            }
            Run last = joined.get(joined.size() - 1);
            end = last.start() + last.length();
        }
        return joined;
    }

    /** Lets go of the file: memory that has its pages is not to be used any more. */
    @Override
    public void close() {
        file.close();
    }
}
