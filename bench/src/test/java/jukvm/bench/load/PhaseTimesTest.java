package jukvm.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import jukvm.bench.action.Action;
import jukvm.bench.result.SystemResult.Phase;
import jukvm.monitor.Timeline;
import org.junit.jupiter.api.Test;

final class PhaseTimesTest {
    private static final long AT = 5_000_000;

    // To a thousandth, and a nanosecond for what took none.
    private static final double CLOSE = 0.01;

    private static List<Phase> medians(Timeline times) {
        PhaseTimes phases = new PhaseTimes();
        phases.add(new Action(AT, AT, AT + 28_000, AT + 28_000, "", Optional.of(times)), times);
        return phases.medians();
    }

    private static void assertPhases(List<Double> micros, List<Phase> phases) {
        assertEquals(
                List.of(
                        "read image",
                        "get a VM",
                        "lay out",
                        "boot",
                        "to greeting",
                        "to end",
                        "free"),
                phases.stream().map(Phase::name).toList());
        for (int i = 0; i < micros.size(); i++) {
            assertEquals(micros.get(i), phases.get(i).micros(), CLOSE, phases.get(i).name());
        }
        assertEquals(28, phases.stream().mapToDouble(Phase::micros).sum(), phases.size() * CLOSE);
    }

    @Test
    void shouldSumUpToTheWhole() {
        Timeline times =
                new Timeline(
                        AT + 100,
                        AT + 1000,
                        AT + 3000,
                        AT + 6000,
                        AT + 10_000,
                        AT + 12_000,
                        AT + 15_000,
                        AT + 21_000,
                        AT + 27_000);
        assertPhases(List.of(1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0), medians(times));
    }

    @Test
    void shouldNotCountWhatWasDoneBeforeTheRequest() {
        Timeline times =
                new Timeline(
                        AT + 100,
                        AT + 100,
                        AT - 900_000,
                        AT - 800_000,
                        AT + 10_000,
                        AT + 12_000,
                        AT + 15_000,
                        AT + 21_000,
                        AT + 27_000);
        assertPhases(List.of(0.1, 0.0, 0.0, 9.9, 5.0, 6.0, 7.0), medians(times));
    }

    @Test
    void shouldShowNothingWithoutActions() {
        assertEquals(List.of(), new PhaseTimes().medians());
    }
}
