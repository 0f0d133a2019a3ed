package jukvm.bench.result;

import java.util.List;
import java.util.Optional;
import jukvm.bench.result.Host.Setting;
import jukvm.bench.result.Results.Cost;
import jukvm.bench.result.Results.Missing;
import jukvm.bench.result.Results.Ratio;
import jukvm.bench.result.SystemResult.Failure;
import jukvm.bench.result.Verdict.Bar;

/** Results as an experiment finds them: all of it, or what a variant has. */
public final class SomeResults {
    private static final double RATE = 125.23;
    private static final Bar NONE_FETCHED = notMeasured(100, "ms", "Fetch and start");
    private static final Bar NONE_SUSTAINED = notMeasured(RATE, "actions/s", "The sustained rate");
    private static final Bar NO_LATENCY = notMeasured(6, "times", "The latency against runc");
    private static final Bar NO_PEAK = notMeasured(6, "times", "The throughput against runc");

    private SomeResults() {}

    private static Bar notMeasured(double bar, String unit, String what) {
        return new Bar(false, false, 0, bar, unit, what + " was not measured.");
    }

    /** Returns results of an experiment in which everything was measured and every bar met. */
    public static Results complete() {
        return results(
                "",
                SomeSystems.all(),
                List.of(),
                fetches(0),
                Optional.of(new Offered(RATE, 60, 7514, 710, 1900, 5200, 100, 0, 0, true)),
                ratios(),
                met());
    }

    /** Returns results cut short by the operator: latency of three systems, and nothing else. */
    public static Results partial() {
        List<SystemResult> all = SomeSystems.all();
        List<SystemResult> three =
                List.of(all.get(0), all.get(2), all.get(8)).stream()
                        .map(SomeSystems::latencyOnly)
                        .toList();
        Bar latency =
                new Bar(
                        true,
                        true,
                        23.6,
                        6,
                        "times",
                        "runc takes 24.3 times as long (23.6 to 25.0).");
        return results(
                "interrupted after the latency of 3 systems",
                three,
                List.of(),
                List.of(),
                Optional.empty(),
                List.of(new Ratio("latency", "jukvm-cold", "runc", 24.3, 23.6, 25.0)),
                new Verdict(NONE_FETCHED, NONE_SUSTAINED, latency, NO_PEAK));
    }

    /** Returns results of a host that lacks most programs; no bar can be judged but two. */
    public static Results muchMissing() {
        List<SystemResult> all = SomeSystems.all();
        return results(
                "",
                List.of(all.get(0), all.get(8), all.get(9)),
                List.of(
                        missing("runc", "runc container"),
                        missing("crun", "crun container"),
                        missing("ctr", "containerd with ctr"),
                        new Missing(
                                "solo5-hvt",
                                "solo5-hvt tender",
                                "/usr/local/bin/solo5-hvt: no such file",
                                "build Solo5 0.11 and set JUKVM_SOLO5_HVT to its tender")),
                List.of(fetches(0).get(0)),
                Optional.empty(),
                List.of(),
                new Verdict(met().fetchAndStart(), met().sustained(), NO_LATENCY, NO_PEAK));
    }

    /** Returns results with failed actions, text that no page may trust, and bars not met. */
    public static Results failing() {
        List<SystemResult> all = SomeSystems.all();
        SystemResult hostile =
                SomeSystems.failing(
                        all.get(2), "printed <script>alert('x')</script> & \"more\"\u0007", 12);
        SystemResult late = SomeSystems.failing(all.get(8), "no result within 10 s", 3);
        return results(
                "",
                List.of(all.get(0), hostile, all.get(3), all.get(6), late),
                List.of(missing("ctr", "containerd with ctr")),
                fetches(2),
                Optional.of(new Offered(RATE, 60, 7514, 21e3, 180e3, 410e3, 91.5, 31, 3, false)),
                ratios(),
                notMet());
    }

    private static Missing missing(String id, String title) {
        return new Missing(id, title, id + " is not on the PATH", "apt-get install " + id);
    }

    private static Results results(
            String partial,
            List<SystemResult> systems,
            List<Missing> missing,
            List<Fetch> fetches,
            Optional<Offered> soak,
            List<Ratio> ratios,
            Verdict verdict) {
        return new Results(
                Results.SCHEMA,
                "2026-11-20T10:15:00+01:00",
                partial.isEmpty() ? 1845 : 92,
                "full",
                partial,
                host(),
                systems,
                missing,
                fetches,
                soak,
                ratios,
                cost(),
                verdict);
    }

    private static Host host() {
        return new Host(
                "AMD EPYC 9K65 192-Core Processor",
                2,
                24_696_061_952L,
                "6.18.44",
                List.of("kvm_pvm"),
                List.of(
                        new Setting("clock source", "tsc"),
                        new Setting("HZ", "250"),
                        new Setting("rcu_expedited", "0"),
                        new Setting("nx_huge_pages", "N"),
                        new Setting("cgroups", "v1"),
                        new Setting("transparent huge pages", "madvise")),
                "17.0.15 (Debian)",
                List.of("-XX:+UseSerialGC", "-Xmx512m"),
                "0.1.0-SNAPSHOT (4f2a91c)",
                0.3);
    }

    private static List<Fetch> fetches(long failed) {
        String network = "loopback, 1 Gbit/s and 1 ms round trip by tc";
        List<Failure> failures =
                failed == 0 ? List.of() : List.of(new Failure("connection refused", failed));
        return List.of(
                new Fetch(
                        "jukvm-cold",
                        "jukvm library, new VM",
                        "GET hello.hvt into memory, Monitor.run",
                        188_416,
                        network,
                        SomeSystems.times(4_300),
                        3_100,
                        failed,
                        failures),
                new Fetch(
                        "runc",
                        "runc container",
                        "GET bundle.tar, unpack, runc run",
                        901_120,
                        network,
                        SomeSystems.times(34_000),
                        0,
                        0,
                        List.of()));
    }

    private static List<Ratio> ratios() {
        return List.of(
                new Ratio("latency", "jukvm-cold", "runc", 24.3, 23.6, 25.0),
                new Ratio("latency", "jukvm-cold", "crun", 11.4, 11.1, 11.8),
                new Ratio("latency", "process", "jukvm-cold", 2.0, 1.95, 2.06),
                new Ratio("latency", "process", "solo5-hvt", 6.86, 6.7, 7.0),
                new Ratio("latency", "process", "runc", 48.6, 47.7, 49.9),
                new Ratio("throughput", "jukvm-cold", "runc", 27.8, 27.0, 28.4),
                new Ratio("throughput", "process", "runc", 51.1, 50.2, 52.0));
    }

    private static List<Cost> cost() {
        return List.of(
                new Cost("the paper: 100 ms of 256 MB, no fee", RATE, 31.31, 31.9),
                new Cost("1 ms of 256 MB, no fee", 12_533, 3_133, 0.32),
                new Cost("1 ms of 256 MB, with a fee of $0.20 a million", 255.8, 63.9, 15.6));
    }

    private static Verdict met() {
        return new Verdict(
                new Bar(true, true, 7.2, 100, "ms", "p99 of fetch and start is 7.2 ms."),
                new Bar(true, true, 2000, RATE, "actions/s", "2,000 actions/s held for 30 s."),
                new Bar(
                        true,
                        true,
                        23.6,
                        6,
                        "times",
                        "runc takes 24.3 times as long (23.6 to 25.0)."),
                new Bar(
                        true,
                        true,
                        27.0,
                        6,
                        "times",
                        "runc does 27.8 times fewer (27.0 to 28.4)."));
    }

    private static Verdict notMet() {
        return new Verdict(
                new Bar(false, true, 131.5, 100, "ms", "p99 of fetch and start is 131.5 ms."),
                new Bar(
                        false,
                        true,
                        62.6,
                        RATE,
                        "actions/s",
                        "62.6 actions/s held, 125.23 did not."),
                new Bar(false, true, 4.4, 6, "times", "runc takes 4.6 times as long (4.4 to 4.9)."),
                new Bar(true, true, 6.8, 6, "times", "runc does 7.1 times fewer (6.8 to 7.3)."));
    }
}
