package jukvm.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ThroughputTest {
    @Test
    void shouldTakeTheMiddle() {
        assertEquals(5, Throughput.median(List.of(5.0)));
        assertEquals(3, Throughput.median(List.of(4.0, 2.0)));
        assertEquals(2, Throughput.median(List.of(9.0, 1.0, 2.0)));
    }
}
