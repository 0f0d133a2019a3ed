package jukvm.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class ProcessorTest {
    @Test
    void shouldSayWhatHasPassed() {
        Processor passed = new Processor(350, 260, 50).since(new Processor(200, 210, 50));
        assertEquals(new Processor(150, 50, 0), passed);
        assertEquals(1.5, passed.busySeconds());
        assertEquals(25, passed.idlePercent());
        assertEquals(0, passed.stolenPercent());
        assertEquals(10, new Processor(80, 10, 10).stolenPercent());
    }

    @Test
    void shouldNotDivideByNoTime() {
        Processor none = new Processor(0, 0, 0);
        assertEquals(0, none.idlePercent());
        assertEquals(0, none.stolenPercent());
    }

    @Test
    void shouldReadThisHost() {
        Processor first = Processor.read();
        Processor passed = Processor.read().since(first);
        assertTrue(first.busy() > 0 && first.idle() > 0, first.toString());
        assertTrue(passed.busy() >= 0 && passed.stolen() >= 0, passed.toString());
    }
}
