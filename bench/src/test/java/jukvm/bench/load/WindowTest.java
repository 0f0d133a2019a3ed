package jukvm.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import jukvm.bench.result.SystemResult.Peak;
import org.junit.jupiter.api.Test;

final class WindowTest {
    private static Window of(long actions, long busy, long idle) {
        return new Window(4, 2, actions, 0, 1, 2, new Processor(busy, idle, 0));
    }

    @Test
    void shouldTakeTheMedianOfEachFigureForThePeak() {
        Peak peak = Window.peak(List.of(of(20, 100, 300), of(60, 300, 100), of(40, 200, 200)));
        assertEquals(4, peak.workers());
        assertEquals(20, peak.perSecond());
        assertEquals(List.of(10.0, 30.0, 20.0), peak.repetitions());
        assertEquals(20.0 / Runtime.getRuntime().availableProcessors(), peak.perCore());
        assertEquals(50, peak.coreMillis(), 1e-9);
        assertEquals(50, peak.idlePercent(), 1e-9);
    }

    @Test
    void shouldNotDivideByNoAction() {
        assertEquals(0, of(0, 100, 100).coreMillis());
        assertEquals(0, of(0, 100, 100).perSecond());
    }
}
