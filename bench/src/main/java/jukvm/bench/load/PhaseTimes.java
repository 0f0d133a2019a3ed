package jukvm.bench.load;

import java.util.ArrayList;
import java.util.List;
import jukvm.bench.action.Action;
import jukvm.bench.result.SystemResult.Phase;
import jukvm.monitor.Timeline;

/** How long each phase of actions in this JVM took. Used by one thread. */
final class PhaseTimes {
    private static final List<String> NAMES =
            List.of("read image", "get a VM", "lay out", "boot", "to greeting", "to end", "free");

    private final List<Samples> samples = new ArrayList<>();

    PhaseTimes() {
        NAMES.forEach(name -> samples.add(new Samples()));
    }

    /** Adds those of an action. */
    void add(Action action, Timeline times) {
        // A kept VM is laid out before its guest is asked for.
        long read = Math.max(times.imageRead(), action.requested());
        long shell = Math.max(times.shellReady(), read);
        long laidOut = Math.max(times.laidOut(), shell);
        long[] ends = {
            read,
            shell,
            laidOut,
            times.entered(),
            times.firstConsoleByte(),
            times.halted(),
            action.done()
        };
        long from = action.requested();
        for (int i = 0; i < ends.length; i++) {
            samples.get(i).add(ends[i] - from);
            from = Math.max(from, ends[i]);
        }
    }

    /** Returns the median of each phase; nothing if there was no action. */
    List<Phase> medians() {
        List<Phase> all = new ArrayList<>();
        for (int i = 0; i < NAMES.size() && samples.get(i).count() > 0; i++) {
            all.add(new Phase(NAMES.get(i), samples.get(i).median()));
        }
        return all;
    }
}
