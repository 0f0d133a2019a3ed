package jukvm.bench.embed;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import jukvm.bench.load.OpenLoops;
import jukvm.bench.load.Samples;
import jukvm.bench.result.Offered;
import jukvm.bench.result.SystemResult.Closed;
import jukvm.bench.result.Times;
import jukvm.monitor.HostFacts;

/** Figures as a measurement makes them, with given times. */
final class SomeFigures {
    private SomeFigures() {}

    private static Times all(double micros) {
        Samples samples = new Samples();
        samples.add(Math.round(micros * 1000));
        samples.add(Math.round(micros * 1000));
        return samples.times();
    }

    private static EmbedFigures.Compared level(double ours, double floors) {
        return new EmbedFigures.Compared(all(ours), all(floors), 0);
    }

    private static Closed loop(int workers, double micros) {
        return new Closed(workers, workers * 1e6 / micros, micros, micros);
    }

    /** Returns figures without a failure. */
    static EmbedFigures good() {
        return of(1, Map.of());
    }

    /** Returns figures with failures of both kinds. */
    static EmbedFigures failed() {
        return of(1, Map.of("printed something else", 1L, "started cold instead of shell", 1L));
    }

    /** Returns figures in which everything takes so many times as long. */
    static EmbedFigures of(double times, Map<String, Long> failures) {
        double open = 400 * times;
        List<Closed> inFlight =
                List.of(loop(1, 150 * times), loop(2, 200 * times), loop(64, 6400 * times));
        return new EmbedFigures(
                Map.of("shell", 1.5),
                10_000 / times,
                16_000,
                2,
                5,
                List.of(loop(1, 150 * times), loop(2, 200 * times)),
                new TreeMap<>(
                        Map.of(
                                "cold",
                                level(1200 * times, 1000),
                                "shell",
                                level(150 * times, 100),
                                "exit",
                                level(26 * times, 25))),
                new Offered(OpenLoops.RATE, 5, 2, open, open, open, 100, 0, 0, true),
                inFlight,
                EmbedFigures.growth(inFlight),
                List.of(loop(1, 600 * times)),
                60,
                List.of(new EmbedFigures.Burst("all at once", 64, all(3000 * times))),
                List.of(new Deadlines.Figures(true, all(900 * times))),
                failures.getOrDefault("printed something else", 0L),
                new TreeMap<>(failures),
                HostFacts.read());
    }
}
