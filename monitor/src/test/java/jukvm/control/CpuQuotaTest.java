package jukvm.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A guest has its share of a processor, no less and no more. */
final class CpuQuotaTest {
    private static final long STEP = TimeUnit.MICROSECONDS.toNanos(100);
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final ManualTime time = new ManualTime();
    private boolean mayRun = true;
    private long used = 7 * SECOND; // By guests before.

    private CpuQuota entered(double share) {
        CpuQuota quota = new CpuQuota(time, () -> mayRun = false, () -> mayRun = true, share);
        quota.entered(() -> used);
        return quota;
    }

    /** Has the guest compute whenever it may; returns for how long it did. */
    private long compute(long nanos) {
        long before = used;
        for (long passed = 0; passed < nanos; passed += STEP) {
            used += mayRun ? STEP : 0;
            time.pass(STEP);
        }
        return used - before;
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.01, 0.25, 0.5, 0.99})
    void shouldLetAGuestComputeForItsShare(double share) {
        entered(share);
        compute(SECOND);
        double had = compute(20 * SECOND) / (20.0 * SECOND);
        assertEquals(share, had, share * 0.05);
    }

    @Test
    void shouldNotSaveUpTimeForAGuestThatWaits() {
        entered(0.25);
        time.pass(60 * SECOND);
        long had = compute(SECOND / 10);
        assertTrue(had <= 0.055 * SECOND, had + " ns");
    }

    @Test
    void shouldLookAtNothingWhereThereIsNothingToKeep() {
        entered(1);
        assertEquals(0, time.timers());
        assertEquals(SECOND, compute(SECOND));
    }

    @Test
    void shouldKeepNothingFromAGuestThatHasLeftItsVm() {
        CpuQuota quota = entered(0.25);
        used += SECOND;
        time.pass(SECOND / 10);
        assertFalse(mayRun);
        quota.left();
        assertTrue(mayRun);
        quota.entered(() -> used);
        assertTrue(compute(SECOND) <= 0.35 * SECOND);
    }

    @Test
    void shouldLookNoMoreAtAGuestThatHasEnded() {
        CpuQuota quota = entered(0.5);
        compute(SECOND);
        quota.left();
        assertEquals(0, time.timers());
    }
}
