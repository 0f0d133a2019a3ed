package jukvm.cli.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class RunProcessTest {
    private static Optional<RunProcess> of(String line) {
        return RunProcess.of(7, List.of(line.split(" ")));
    }

    @Test
    void shouldKnowAJvmThatRunsAGuest() {
        RunProcess run = of("/jdk/bin/java -Xms8m -jar /app/jukvm.jar run a/b.hvt x").orElseThrow();
        assertEquals(new RunProcess(7, false, List.of("run", "a/b.hvt", "x")), run);
        assertTrue(run.isCalled("a/b.hvt") && run.isCalled("b.hvt"));
        assertFalse(run.isCalled("hvt") || run.isCalled("jukvm.jar"));
    }

    @Test
    void shouldKnowAClientOfTheDaemon() {
        RunProcess run = of("/app/client ./solo5-hvt --mem=16 b.hvt").orElseThrow();
        assertEquals(new RunProcess(7, true, List.of("--mem=16", "b.hvt")), run);
    }

    @Test
    void shouldLeaveOthersAlone() {
        assertEquals(Optional.empty(), of("/jdk/bin/java -jar /app/jukvm.jar daemon serve"));
        assertEquals(Optional.empty(), of("/jdk/bin/java -jar /app/jukvm.jar"));
        assertEquals(Optional.empty(), of("/jdk/bin/java -jar /app/other.jar run b.hvt"));
        assertEquals(Optional.empty(), of("/jdk/bin/java -jar"));
        assertEquals(Optional.empty(), of("sh -c jukvm run b.hvt"));
        assertEquals(Optional.empty(), of("client"));
        assertEquals(Optional.empty(), RunProcess.of(7, List.of("")));
    }
}
