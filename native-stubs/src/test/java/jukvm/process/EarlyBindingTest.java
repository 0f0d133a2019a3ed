package jukvm.process;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.api.Test;

final class EarlyBindingTest {
    @Test
    void shouldLoadABindingThatIsThere() throws InterruptedException {
        assertEquals(Optional.empty(), EarlyBinding.begin().failure());
    }
}
