package jukvm.bench.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import jukvm.bench.Progress;
import jukvm.bench.load.FakeSystem;
import jukvm.bench.load.Findings;
import jukvm.bench.load.LatencyRuns;
import jukvm.bench.load.Samples;
import jukvm.bench.result.Fetch;
import jukvm.bench.result.Offered;
import jukvm.bench.result.Results.Ratio;
import jukvm.bench.result.Verdict;
import jukvm.bench.result.Verdict.Bar;
import org.junit.jupiter.api.Test;

final class ConclusionsTest {
    private static final double RATE = 125.23;

    private static Findings taking(String id, long micros) throws InterruptedException {
        Findings findings = new Findings(FakeSystem.taking(id, micros));
        LatencyRuns.Plan plan = new LatencyRuns.Plan(10, 10, 1, 2, 1, 0);
        new LatencyRuns(plan, (system, round, action) -> {}, new Progress(System.err, false))
                .run(List.of(findings));
        return findings;
    }

    private static Fetch fetch(String id, long micros, long failed) {
        Samples samples = new Samples();
        Collections.nCopies(20, micros * 1000).forEach(samples::add);
        return new Fetch(id, id, "", 1, "", samples.times(), 0, failed, List.of());
    }

    private static Offered offered(boolean held) {
        return new Offered(RATE, 60, 7514, 900, 2000, 9000, 100, 0, held ? 0 : 3, held);
    }

    private static Ratio ratio(String what, double low) {
        return new Ratio(what, "jukvm-cold", "runc", low + 1, low, low + 2);
    }

    private static Verdict verdict(double low) {
        return Conclusions.verdict(
                List.of(ratio("latency", low), ratio("throughput", low)),
                List.of(fetch("jukvm-cold", 4000, 0), fetch("jukvm-cli", 300_000, 0)),
                Optional.of(offered(true)),
                2000);
    }

    @Test
    void shouldCompareOursWithAllOthersThatAreHere() throws InterruptedException {
        List<Ratio> ratios =
                Conclusions.ratios(
                        List.of(
                                taking("process", 500),
                                taking("runc", 30_000),
                                taking("echo", 700),
                                taking("jukvm-cold", 1000),
                                taking("jukvm-snapshot", 100)));
        assertEquals(
                List.of("jukvm-cold/process", "jukvm-cold/runc", "process/runc"),
                ratios.stream().map(ratio -> ratio.of() + "/" + ratio.against()).toList());
        Ratio runc = ratios.get(1);
        assertEquals("latency", runc.what());
        assertEquals(30, runc.value(), 1e-9);
        assertEquals(30, runc.low(), 1e-9);
        assertEquals(30, runc.high(), 1e-9);
        assertEquals(0.5, ratios.get(0).value(), 1e-9);
        assertEquals(List.of(), Conclusions.ratios(List.of()));
    }

    @Test
    void shouldMeetBars() {
        Verdict verdict = verdict(6);
        assertTrue(verdict.all().stream().allMatch(Bar::met), verdict.toString());
        assertEquals(4, verdict.fetchAndStart().figure(), 0.01);
        assertEquals(
                "Fetched and started with nothing cached, p99 4.0 ms of 20 actions; with a JVM for"
                        + " each action, 300 ms.",
                verdict.fetchAndStart().text());
        assertEquals(2000, verdict.sustained().figure());
        assertEquals(
                "125.23 actions/s for 60 s: p99 2.0 ms, 0 failed; the highest rate that held is"
                        + " 2,000.00/s.",
                verdict.sustained().text());
        assertEquals(6, verdict.latencyRatio().figure());
        assertEquals(
                "runc takes 7.0 times as long (95 % confidence: 6.0 to 8.0).",
                verdict.latencyRatio().text());
        assertEquals(
                "runc does 1/7.0 of the actions a second (95 % confidence: 6.0 to 8.0).",
                verdict.throughputRatio().text());
    }

    @Test
    void shouldHoldTheLowerEndOfAnIntervalAgainstABar() {
        Verdict verdict = verdict(5.99);
        assertFalse(verdict.all().stream().allMatch(Bar::met));
        assertFalse(verdict.latencyRatio().met() || verdict.throughputRatio().met());
        assertTrue(verdict.latencyRatio().measured() && verdict.throughputRatio().measured());
    }

    @Test
    void shouldNotMeetBarsByFailures() {
        Verdict verdict =
                Conclusions.verdict(
                        List.of(),
                        List.of(fetch("jukvm-cold", 4000, 1)),
                        Optional.of(offered(false)),
                        2000);
        assertFalse(verdict.fetchAndStart().met());
        assertFalse(verdict.sustained().met());
        assertEquals(0, verdict.sustained().figure());
        assertTrue(verdict.fetchAndStart().measured() && verdict.sustained().measured());
    }

    @Test
    void shouldNotMeetABarThatItOnlyReaches() {
        Verdict verdict =
                Conclusions.verdict(
                        List.of(), List.of(fetch("jukvm-cold", 100_000, 0)), Optional.empty(), 0);
        assertFalse(verdict.fetchAndStart().met());
    }

    @Test
    void shouldSayWhatWasNotMeasured() {
        Verdict verdict =
                Conclusions.verdict(
                        List.of(new Ratio("latency", "jukvm-shell", "runc", 9, 9, 9)),
                        List.of(fetch("process", 1, 0)),
                        Optional.empty(),
                        2000);
        for (Bar bar : verdict.all()) {
            assertFalse(bar.met() || bar.measured(), bar.toString());
            assertEquals("Not measured.", bar.text());
        }
        assertEquals(
                List.of("ms", "actions/s", "times", "times"),
                verdict.all().stream().map(Bar::unit).toList());
        assertEquals(List.of(100.0, RATE, 6.0, 6.0), verdict.all().stream().map(Bar::bar).toList());
    }
}
