package jukvm.bench.report;

import java.util.List;
import java.util.Objects;
import jukvm.bench.result.Results;
import org.junit.jupiter.api.Assumptions;

/**
 * What tests of plots need: a font. Without one they are skipped, and fail if the environment
 * variable {@code JUKVM_REQUIRE} names {@code fonts}.
 */
final class Fonts {
    private Fonts() {}

    /** Returns the plots of results. */
    static Plots plots(Results results) {
        Plots plots = Plots.of(results);
        String required = Objects.requireNonNullElse(System.getenv("JUKVM_REQUIRE"), "");
        boolean none = plots.notices().contains(Plots.NO_FONT);
        if (none && List.of(required.split("[ ,]", -1)).contains("fonts")) {
            throw new IllegalStateException("JUKVM_REQUIRE=fonts, but " + Plots.NO_FONT);
        }
        Assumptions.assumeFalse(none, Plots.NO_FONT);
        return plots;
    }
}
