package jukvm.bench.load;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jukvm.bench.Failures;
import jukvm.bench.action.Action;
import jukvm.bench.action.ActionSystem;
import jukvm.bench.result.Offered;
import jukvm.bench.result.SystemResult;
import jukvm.bench.result.SystemResult.Closed;
import jukvm.bench.result.SystemResult.Density;
import jukvm.bench.result.SystemResult.Failure;
import jukvm.bench.result.SystemResult.Latency;

/**
 * What has been found about a system so far. Experiments run one after another and add to it from
 * one thread; failures are counted from any.
 */
public final class Findings {
    private static final int REASONS = 10;

    private final ActionSystem system;
    private final Failures failures = new Failures();
    private final Failures starts = new Failures();
    private final Samples warmUp = new Samples();
    private final Samples hello = new Samples();
    private final Samples done = new Samples();
    private final Samples free = new Samples();
    private final List<Closed> closed = new ArrayList<>();
    private final List<Window> windows = new ArrayList<>();
    private final List<Offered> offered = new ArrayList<>();
    private final List<Density> density = new ArrayList<>();

    /** Begins with nothing. */
    public Findings(ActionSystem system) {
        this.system = system;
    }

    /** Returns those about the system of this id, if there are any. */
    public static Optional<Findings> of(List<Findings> all, String id) {
        return all.stream().filter(one -> one.id().equals(id)).findFirst();
    }

    /** Returns what this is about. */
    public ActionSystem system() {
        return system;
    }

    /** Returns the id of what this is about. */
    public String id() {
        return system.identity().id();
    }

    /** Counts an action if it failed. Returns whether it did not. Thread-safe. */
    boolean check(Action action) {
        return failures.check(action.failure());
    }

    /** Returns the median of the uncounted actions from request to result, in µs. */
    double warmUpMedian() {
        return warmUp.median();
    }

    /** Counts what is no action but failed. Thread-safe. */
    public void addFailure(String reason) {
        failures.add(reason);
    }

    void addWarmUp(Action action) {
        if (check(action)) {
            warmUp.add(action.took());
        }
    }

    void addLatency(Action action) {
        starts.check(action.start());
        if (check(action)) {
            hello.add(action.firstByte() - action.requested());
            done.add(action.took());
            free.add(action.freed() - action.requested());
        }
    }

    void add(Closed figures) {
        closed.add(figures);
    }

    void add(Window window) {
        windows.add(window);
    }

    void add(Offered figures) {
        offered.add(figures);
    }

    void add(Density figures) {
        density.add(figures);
    }

    /** Returns what was wrong so far. */
    public Failures failures() {
        return failures;
    }

    /** Returns on what counted actions were started instead of what is measured. */
    public Failures starts() {
        return starts;
    }

    /** Returns from request to result, one at a time. */
    public Samples done() {
        return done;
    }

    /** Returns the repetitions at the peak so far, in actions per second. */
    public List<Double> repetitions() {
        return windows.stream().map(Window::perSecond).toList();
    }

    /** Returns the number of workers that did most; 1 if none was tried. */
    public int bestWorkers() {
        return closed.stream()
                .max(Comparator.comparingDouble(Closed::perSecond))
                .map(Closed::workers)
                .orElse(1);
    }

    /** Returns all of it as a result. */
    public SystemResult result() {
        Optional<Latency> latency =
                done.count() == 0
                        ? Optional.empty()
                        : Optional.of(new Latency(hello.times(), done.times(), free.times()));
        double held =
                offered.stream()
                        .takeWhile(Offered::held)
                        .mapToDouble(Offered::rate)
                        .max()
                        .orElse(0);
        return new SystemResult(
                id(),
                system.identity().title(),
                system.identity().kind(),
                system.identity().how(),
                system.identity().version(),
                system.identity().kept(),
                latency,
                warmUp.median(),
                List.copyOf(closed),
                windows.isEmpty() ? Optional.empty() : Optional.of(Window.peak(windows)),
                List.copyOf(offered),
                held,
                List.copyOf(density),
                failures.count(),
                byFrequency(failures.byReason()));
    }

    // Programs put names and numbers into what they say: there may be one for each action.
    private static List<Failure> byFrequency(Map<String, Long> reasons) {
        List<Failure> all = new ArrayList<>();
        reasons.forEach((reason, count) -> all.add(new Failure(reason, count)));
        all.sort(Comparator.comparingLong(Failure::count).reversed());
        if (all.size() > REASONS) {
            List<Failure> rare = all.subList(REASONS, all.size());
            long others = rare.stream().mapToLong(Failure::count).sum();
            rare.clear();
            all.add(new Failure("other reasons", others));
        }
        return List.copyOf(all);
    }
}
