package jukvm.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import jukvm.error.HostException;
import jukvm.monitor.RunResult.Start;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The whole measurement, with counts so small that its figures mean nothing. */
final class EmbedBenchIT {
    private static final int RUNS = 7;
    private static final Plan TINY =
            new Plan(RUNS, 3, 2, 50, 0.2, List.of(1, 2), 0.2, 0.2, 0.2, List.of(1, 2, 64), 0.2);

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
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        EmbedReport.write(out, figures);
        JsonNumbers json = JsonNumbers.of(out.toString(StandardCharsets.UTF_8));
        for (String ratio : List.of("cold", "shell", "exit", "throughput")) {
            assertTrue(json.at("ratio." + ratio) > 0, ratio);
        }
        assertTrue(json.at("actions_per_second") > 0);
        assertTrue(json.at("in_flight_growth") > 0);
        assertEquals(RUNS, json.at("levels_us.cold.jukvm.runs"));
        assertEquals(RUNS, json.at("levels_us.shell.floor.runs"));
        assertTrue(json.at("open_loop.us.runs") >= 1);
        assertEquals(64, json.at("in_flight[2].threads"));
        assertEquals(0, json.at("wrong_results"), figures.failures().toString());
        assertTrue(EmbedTable.of(figures).contains("two floors"));
    }

    @Test
    void shouldCountRunsThatAreNotAsTheyMustBe() throws InterruptedException {
        try (Levels levels = new Levels(files)) {
            Level cold = levels.cold();
            Failures failures = new Failures();
            new Probe(with(cold, cold.start(), "something else"), failures).run();
            new Probe(with(cold, Start.SHELL, cold.console()), failures).run();
            new Probe(cold, failures).run();
            assertEquals(
                    Map.of("printed something else", 1L, "started cold instead of shell", 1L),
                    failures.byReason());
        }
    }

    private static Level with(Level level, Start start, String console) {
        return new Level(level.name(), level.floor(), level.span(), start, console, level.action());
    }

    @Test
    void shouldSayWhyTheFloorEnded() {
        Path missing = Path.of("/none/guest.hvt");
        try (Floor floor = Floor.start(files, Floor.Mode.COLD, missing, "")) {
            HostException ended = assertThrows(HostException.class, () -> floor.run(1));
            assertEquals(
                    "native floor: ended: floor: /none/guest.hvt: No such file or directory",
                    ended.getMessage());
        }
    }

    // What the two have in common: the guest, so its exits, whatever is done anew for each run.
    @ParameterizedTest
    @EnumSource(Floor.Mode.class)
    void shouldRunTheSameGuestsOnTheFloor(Floor.Mode mode) {
        try (Floor hello = Floor.startHello(files, mode);
                Floor exits = Floor.start(files, mode, files.exits(), Levels.exitsArgument(50))) {
            FloorAnswer runs = hello.run(RUNS);
            assertEquals(RUNS, runs.numbers("total_us").size());
            assertEquals(2, runs.number("exits"));
            assertEquals(50 + 2, exits.run(1).number("exits"));
            exits.requestSeconds(0.05);
            assertTrue(exits.answer().number("per_second") > 0);
        }
    }

    @Test
    void shouldSeeThatAGuestFailedOnTheFloor() {
        try (Floor floor = Floor.start(files, Floor.Mode.SHELL, files.hello(), "exit=3")) {
            HostException failed = assertThrows(HostException.class, () -> floor.run(2));
            assertEquals("native floor: 2 of its runs failed", failed.getMessage());
        }
    }
}
