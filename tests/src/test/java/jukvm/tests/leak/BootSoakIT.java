package jukvm.tests.leak;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.List;
import jukvm.tests.support.Command;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Soak;
import org.junit.jupiter.api.Test;

/**
 * A JVM that has booted many guests holds no more than one that has booted some; see {@link
 * BootSoak}. {@code -Djukvm.soak.boots=100000} makes it many more.
 */
@Soak
@RequiresKvm
final class BootSoakIT {
    private static final int BOOTS = Integer.getInteger("jukvm.soak.boots", Soak.LONG ? 2000 : 500);
    private static final int WARM_UP = Math.max(Soak.LONG ? 2000 : 500, BOOTS / 10);

    // A hundred bytes a boot; but a page here and there is no sign of anything in so few boots as
    // are the default.
    private static final long GROWTH = Math.max(512L << 10, 100L * BOOTS);

    // For some 20 000 boots the JVM's compiler adds more to resident memory than it may grow by.
    private static final String COMPILER = BOOTS < 50_000 ? "-Xint" : "-XX:TieredStopAtLevel=1";

    @Test
    void shouldHoldNoMoreAfterManyBoots() throws Exception {
        Command soak =
                Command.main(
                        BootSoak.class,
                        Duration.ofMinutes(3).plusMillis(150L * (WARM_UP + BOOTS)),
                        List.of(
                                "-Xms64m",
                                "-Xmx64m",
                                "-XX:+UseSerialGC",
                                "-XX:+AlwaysPreTouch",
                                COMPILER,
                                "-XX:-UseDynamicNumberOfCompilerThreads",
                                // Else JNA runs a command, and its thread ends later.
                                "-Djna.platform.library.path=/"),
                        Integer.toString(WARM_UP),
                        Integer.toString(BOOTS),
                        Long.toString(GROWTH));
        System.out.print(soak.stdout());
        assertEquals(0, soak.status(), soak.stderr());
    }
}
