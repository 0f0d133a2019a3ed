package jukvm.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import jukvm.guest.Timeline;
import org.junit.jupiter.api.Test;

class TimelineTest {
    @Test
    void shouldPrintHowLongThePhasesTook() {
        long ms = 1_000_000;
        Timeline timeline =
                new Timeline(ms, 2 * ms, 3 * ms, 4 * ms, 5 * ms, 0, 0, 9 * ms, 9 * ms + 500);
        assertEquals(
                "image read 1.000 ms, VM ready 1.000 ms, guest laid out 1.000 ms, vCPU entered"
                        + " 1.000 ms, guest ended 4.000 ms, resources freed 0.001 ms, start to exit"
                        + " 8.000 ms",
                timeline.toString());
    }
}
