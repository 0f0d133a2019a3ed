package jukvm.bench.embed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import jukvm.bench.BenchFiles;
import jukvm.bench.Failures;
import jukvm.bench.Progress;
import jukvm.bench.Required;
import jukvm.bench.action.Action;
import jukvm.bench.action.EmbeddedSystem;
import jukvm.bench.action.Level;
import jukvm.bench.action.Levels;
import jukvm.bench.load.ClosedLoops;
import jukvm.error.HostException;
import jukvm.guest.RunResult.Start;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The whole measurement, with counts so small that its figures mean nothing. */
final class EmbedBenchIT {
    private static final int RUNS = 7;
    private static final EmbedPlan TINY =
            new EmbedPlan(
                    EmbedPlan.turns(RUNS, 2, 0.1),
                    EmbedPlan.turns(2, 1, 0),
                    50,
                    EmbedPlan.turns(64, 64, 0),
                    // Long enough for a busy host to get at least one action done.
                    new ClosedLoops.Plan(List.of(1, 2), 0.1, 1, 2, 0.02),
                    0.1,
                    new ClosedLoops.Plan(List.of(1, 2, 64), 1, 0, 0, 0.02),
                    new ClosedLoops.Plan(List.of(1, 2), 1, 0, 0, 0.02));

    private final BenchFiles files = BenchFiles.ofThisBuild();

    @BeforeAll
    static void requireHost() {
        Required.kvm();
        Required.floor(BenchFiles.ofThisBuild().floor());
    }

    @Test
    void shouldMeasureAndReportEverything() throws IOException, InterruptedException {
        Progress silent =
                new Progress(
                        new PrintStream(
                                OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8),
                        true);
        EmbedFigures figures = new EmbedBench(files, TINY, silent).measure();
        for (String ratio : List.of("cold", "shell", "exit", "throughput")) {
            assertTrue(figures.ratio().getOrDefault(ratio, 0.0) > 0, ratio);
        }
        assertTrue(figures.perSecond() > 0);
        assertTrue(figures.inFlightGrowth().orElse(0.0) > 0);
        assertEquals(RUNS, level(figures, "cold").jukvm().count());
        assertEquals(RUNS, level(figures, "shell").floor().count());
        assertTrue(figures.openLoop().count() >= 1);
        assertEquals(64, figures.inFlight().get(2).workers());
        assertEquals(2, figures.apart().get(1).workers());
        assertTrue(figures.workerMib() > 1, figures::toString);
        assertEquals(0, figures.wrongResults(), figures.failures().toString());
        assertTrue(EmbedTable.of(figures).contains("two floors"));
    }

    private static EmbedFigures.Compared level(EmbedFigures figures, String name) {
        return Objects.requireNonNull(figures.levels().get(name));
    }

    @Test
    void shouldCountRunsThatAreNotAsTheyMustBe() throws InterruptedException {
        try (Levels levels = new Levels(files)) {
            Level cold = levels.cold();
            Failures failures = new Failures();
            for (Level level :
                    List.of(
                            with(cold, cold.start(), "something else"),
                            with(cold, Start.POOLED, cold.console()),
                            cold)) {
                Action action = EmbeddedSystem.of(level).worker().run();
                failures.check(action.failure());
                failures.check(action.start());
            }
            assertEquals(
                    Map.of("printed something else", 1L, "started cold instead of pooled", 1L),
                    failures.byReason());
        }
    }

    private static Level with(Level level, Start start, String console) {
        return new Level(level.name(), level.floor(), level.span(), start, console, level.run());
    }

    @Test
    void shouldSayWhyTheFloorEnded() {
        Path missing = Path.of("/none/guest.hvt");
        try (Floor floor = Floor.start(files, Level.Mode.COLD, missing, "")) {
            HostException ended = assertThrows(HostException.class, () -> floor.run(1));
            assertEquals(
                    "native floor: ended: floor: /none/guest.hvt: No such file or directory",
                    ended.getMessage());
        }
    }

    // What the two have in common: the guest, so its exits, whatever is done anew for each run.
    @ParameterizedTest
    @EnumSource(Level.Mode.class)
    void shouldRunTheSameGuestsOnTheFloor(Level.Mode mode) {
        try (Floor hello = Floor.startHello(files, mode);
                Floor exits = Floor.start(files, mode, files.exits(), Levels.exitsArgument(50))) {
            JsonNode runs = hello.run(RUNS);
            assertEquals(RUNS, runs.path("total_us").size());
            assertEquals(2, Floor.number(runs, "exits"));
            assertEquals(50 + 2, Floor.number(exits.run(1), "exits"));
            exits.requestSeconds(0.05);
            assertTrue(Floor.number(exits.answer(), "per_second") > 0);
        }
    }

    @Test
    void shouldSeeThatAGuestFailedOnTheFloor() {
        try (Floor floor = Floor.start(files, Level.Mode.SHELL, files.hello(), "exit=3")) {
            HostException failed = assertThrows(HostException.class, () -> floor.run(2));
            assertEquals("native floor: 2 of its runs failed", failed.getMessage());
        }
    }
}
