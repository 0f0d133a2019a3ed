package jukvm.bench;

import java.util.List;
import jukvm.monitor.HostFacts;
import jukvm.monitor.RunResult.Start;

/** Figures as a measurement makes them, with given times. */
final class SomeFigures {
    private SomeFigures() {}

    /** Returns times that are all the same. */
    static Times.Summary all(double micros) {
        Times times = new Times();
        times.addMicros(micros);
        times.addMicros(micros);
        return times.summary();
    }

    private static LevelTurns.Figures level(String name, double ours, double floors) {
        return new LevelTurns.Figures(name, all(ours), all(floors), new Failures());
    }

    private static ClosedLoop.Figures loop(int threads, double micros) {
        return new ClosedLoop.Figures(threads, threads * 1e6 / micros, all(micros));
    }

    /** Returns figures without a failure. */
    static EmbedFigures good() {
        return of(1, new Failures());
    }

    /** Returns figures with failures of both kinds. */
    static EmbedFigures failed() {
        Failures failures = new Failures();
        failures.addWrong("printed something else");
        failures.addStart(Start.COLD, Start.SHELL);
        return of(1, failures);
    }

    /** Returns figures in which everything takes so many times as long. */
    static EmbedFigures of(double times, Failures failures) {
        return new EmbedFigures(
                HostFacts.read(),
                List.of(level("cold", 1200 * times, 1000), level("shell", 150 * times, 100)),
                level("exit", 26 * times, 25),
                new Throughput.Figures(
                        List.of(loop(1, 150 * times), loop(2, 200 * times)),
                        2,
                        10_000 / times,
                        16_000,
                        5,
                        new Failures()),
                new OpenLoop.Figures(OpenLoop.RATE, 5, all(400 * times)),
                List.of(loop(1, 150 * times), loop(2, 200 * times), loop(64, 6400 * times)),
                List.of(new Bursts.Figures("all at once", 64, 9000 / times, all(3000 * times))),
                List.of(new Deadlines.Figures(true, all(900 * times))),
                failures);
    }
}
