package jukvm.bench.report;

import java.util.List;
import java.util.Optional;
import jukvm.bench.report.Plot.Where;
import jukvm.bench.result.Results;

/** A figure of the report: one kind of plot, made of any results. */
interface Figure {
    /** All figures, in the order of the report. */
    List<Figure> ALL =
            List.of(
                    new LatencyFigure(),
                    new CdfFigure(),
                    new ThroughputFigure(),
                    new OpenLoopFigure(),
                    new PhasesFigure(),
                    new MemoryFigure());

    /** No time is shorter in a plot, in µs. */
    double LEAST = 1e-3;

    /** Returns the name of its files, without their endings. */
    String name();

    /** Returns what is to be seen in it, in a sentence or two. */
    String caption();

    /** Returns its plot, or nothing if what it shows was not measured. */
    Optional<Plot> plot(Results results, Size size);

    /** Returns where names at the ends of lines go. */
    static Where ends(Size size) {
        return size.narrow() ? Where.NUMBERED : Where.AT_ENDS;
    }

    /** Returns what was measured where, and what the axes are. */
    static String beside(Results results, boolean ofThePaper) {
        return results.host().cpu()
                + ", "
                + Say.count(results.host().cores(), "core")
                + ", "
                + kvm(results)
                + ", Linux "
                + results.host().kernel()
                + (ofThePaper
                        ? ". The axes are a reconstruction of the paper's figure."
                        : ". Not in the paper, as far as known; the axes follow its figures as"
                                + " reconstructed.")
                + (results.partial().isEmpty() ? "" : " Partial: " + results.partial() + ".");
    }

    /** Returns a time in ms that is given in µs; at least a ns, for logarithmic axes. */
    static double millis(double micros) {
        return Math.max(micros, LEAST) / 1000;
    }

    /** Returns what serves {@code /dev/kvm}. */
    static String kvm(Results results) {
        return results.host().kvmModules().isEmpty()
                ? "KVM of unknown kind"
                : String.join(" + ", results.host().kvmModules());
    }
}
