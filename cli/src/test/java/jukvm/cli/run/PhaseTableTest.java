package jukvm.cli.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import jukvm.guest.Timeline;
import org.junit.jupiter.api.Test;

class PhaseTableTest {
    @Test
    void shouldBeginWithThePhasesBeforeOurCode() {
        Timeline timeline = new Timeline(1_500_000, 1_500_000, 2_500_000, 0, 0, 0, 0, 4_500_000, 0);
        List<Timeline.Phase> before =
                List.of(
                        new Timeline.Phase("client started", 8_000_000),
                        new Timeline.Phase("request received", 250_000));
        List<String> lines = PhaseTable.of(timeline, before, 1_000_000).lines().toList();
        assertEquals(
                List.of(
                        "until                            ms",
                        "client started                8.000  " + "#".repeat(32),
                        "request received              0.250  #",
                        "arguments parsed              0.500  ##",
                        "image read                    0.000",
                        "VM ready                      1.000  ####",
                        "guest ended                   2.000  ########",
                        "total                        11.750",
                        "boot to exit                  0.000",
                        "start to exit                 3.000"),
                lines);
    }
}
