package jukvm.bench.result;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import jukvm.bench.result.SystemResult.Closed;
import jukvm.bench.result.SystemResult.Density;
import jukvm.bench.result.SystemResult.Failure;
import jukvm.bench.result.SystemResult.Kind;
import jukvm.bench.result.SystemResult.Latency;
import jukvm.bench.result.SystemResult.Peak;

/** Systems with figures of a plausible size and shape. */
final class SomeSystems {
    private static final List<Integer> WORKERS = List.of(1, 2, 4, 8, 16, 32, 64);
    private static final List<Double> RATES = List.of(31.3, 62.6, 125.23, 250.0, 500.0, 1e3, 2e3);
    private static final double LIMIT = 100_000;
    private static final int CORES = 2;

    private SomeSystems() {}

    /** Returns all systems, in the order of reports; times in µs, rates in actions per second. */
    static List<SystemResult> all() {
        return List.of(
                system("process", Kind.PROCESS, 350, 4600),
                system("echo", Kind.PROCESS, 520, 3100),
                system("runc", Kind.CONTAINER, 17_000, 90),
                system("runc-tuned", Kind.CONTAINER, 15_000, 112),
                system("crun", Kind.CONTAINER, 8_000, 205),
                system("ctr", Kind.CONTAINER, 80_000, 17),
                system("solo5-hvt", Kind.TENDER, 2_400, 640),
                system("jukvm-cli", Kind.JUKVM, 230_000, 7.5),
                system("jukvm-cold", Kind.JUKVM, 700, 2_500),
                system("jukvm-shell", Kind.JUKVM, 90, 17_000),
                system("jukvm-snapshot", Kind.JUKVM, 70, 19_500),
                system("http-process", Kind.PROCESS, 700, 2_100),
                system("http-runc", Kind.CONTAINER, 21_000, 80),
                system("http-snapshot", Kind.JUKVM, 2_500, 560),
                latencyOnly(system("engine-docker-runc", Kind.CONTAINER, 320_000, 2)),
                latencyOnly(system("engine-docker-jukvm", Kind.JUKVM, 480_000, 2)));
    }

    private static SystemResult system(String id, Kind kind, double median, double peak) {
        return new SystemResult(
                id,
                title(id),
                kind,
                kind == Kind.JUKVM ? "Monitor.run in a warm JVM" : id + " run hello",
                kind == Kind.JUKVM ? "0.1.0-SNAPSHOT" : "1.0",
                kept(id),
                Optional.of(latency(median)),
                median * 1.6,
                closed(median, peak),
                Optional.of(peak(peak)),
                offered(median, peak),
                offered(median, peak).stream()
                        .filter(Offered::held)
                        .map(Offered::rate)
                        .reduce(0.0, Math::max),
                density(kind, median),
                0,
                List.of());
    }

    private static String kept(String id) {
        return switch (id) {
            case "jukvm-shell" -> "an empty VM";
            case "jukvm-snapshot" -> "a snapshot of the action";
            default -> "";
        };
    }

    private static String title(String id) {
        return switch (id) {
            case "process" -> "static process";
            case "runc" -> "runc container";
            case "runc-tuned" -> "runc, RCU expedited";
            case "ctr" -> "containerd with ctr";
            case "solo5-hvt" -> "solo5-hvt tender";
            case "jukvm-cli" -> "jukvm, a JVM for each";
            case "jukvm-cold" -> "jukvm library, new VM";
            case "jukvm-shell" -> "jukvm library, kept VM";
            case "jukvm-snapshot" -> "jukvm library, clone";
            default -> id;
        };
    }

    /** Returns the same system with failures. */
    static SystemResult failing(SystemResult system, String reason, long count) {
        return new SystemResult(
                system.id(),
                system.title(),
                system.kind(),
                system.how(),
                system.version(),
                system.kept(),
                system.latency(),
                system.warmUp(),
                system.closed(),
                system.peak(),
                system.offered(),
                system.heldRate(),
                system.density(),
                count,
                List.of(new Failure(reason, count)));
    }

    /** Returns the same system as far as it was measured before anything but latency was. */
    static SystemResult latencyOnly(SystemResult system) {
        return new SystemResult(
                system.id(),
                system.title(),
                system.kind(),
                system.how(),
                system.version(),
                system.kept(),
                system.latency(),
                system.warmUp(),
                List.of(),
                Optional.empty(),
                List.of(),
                0,
                List.of(),
                0,
                List.of());
    }

    private static Latency latency(double median) {
        return new Latency(times(median * 0.8), times(median), times(median * 1.15));
    }

    /** Returns times in µs of a plausible distribution about a median. */
    static Times times(double median) {
        return new Times(
                1000,
                median,
                median * 0.985,
                median * 1.02,
                at(median, 5),
                at(median, 90),
                at(median, 95),
                at(median, 99),
                at(median, 99.9),
                at(median, 100),
                Times.CURVE.stream().map(percentile -> at(median, percentile)).toList());
    }

    // Log-normal, nearly, with the longer tail on the right.
    private static double at(double median, double percentile) {
        double p = Math.min(Math.max(percentile / 100, 0.0005), 0.9995);
        double z = 4.91 * (Math.pow(p, 0.14) - Math.pow(1 - p, 0.14));
        return median * Math.exp((z > 0 ? 0.22 : 0.1) * z);
    }

    private static List<Closed> closed(double median, double peak) {
        List<Closed> all = new ArrayList<>();
        for (int workers : WORKERS) {
            double rate = peak * (1 - Math.exp(-workers * 1e6 / median / peak));
            double fall = 1 - 0.02 * Math.log(workers);
            double each = workers * 1e6 / (rate * fall);
            all.add(new Closed(workers, rate * fall, each, each * 2.1));
        }
        return all;
    }

    private static Peak peak(double rate) {
        return new Peak(
                4,
                rate,
                List.of(rate * 0.98, rate, rate * 1.01),
                rate / CORES,
                CORES * 950 / rate,
                5.0);
    }

    private static List<Offered> offered(double median, double peak) {
        List<Offered> all = new ArrayList<>();
        for (double rate : RATES) {
            double load = rate / peak;
            double wait = load < 0.9 ? 1 / (1 - load) : 40 * load;
            double p99 = Math.min(median * 2 * wait, 2.5e7);
            boolean held = load < 0.9 && p99 < LIMIT;
            long count = Math.round(rate * 30);
            all.add(
                    new Offered(
                            rate,
                            30,
                            count,
                            p99 / 2,
                            p99,
                            p99 * 1.5,
                            p99 < LIMIT ? 100 : 12.5,
                            held ? 0 : count / 3,
                            0,
                            held));
            if (!held && load > 2) {
                break;
            }
        }
        return all;
    }

    private static List<Density> density(Kind kind, double median) {
        double mib =
                switch (kind) {
                    case PROCESS -> 0.11;
                    case CONTAINER -> 1.9;
                    case TENDER -> 0.8;
                    case JUKVM -> 0.45;
                };
        double fixed = kind == Kind.JUKVM ? 60 : mib;
        List<Density> all = new ArrayList<>();
        for (int instances : List.of(1, 10, 100, 500)) {
            double each = mib * (1 + median / 1e6) + fixed / instances;
            all.add(new Density(instances, each, each * 1.3, median * 1.2 / 1000));
        }
        return all;
    }
}
