package jukvm.bench.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.Set;
import jukvm.bench.action.Action;
import jukvm.bench.load.FakeSystem;
import jukvm.bench.load.Processor;
import jukvm.bench.load.Window;
import org.junit.jupiter.api.Test;

final class RawFilesTest {
    private static final String ACTIONS = "system,round,hello_us,done_us,free_us,failure\n";

    private final RawFiles raw = new RawFiles();

    private String file(String name) {
        return String.valueOf(raw.files().get(name));
    }

    @Test
    void shouldHaveAllFilesWithTheirColumns() {
        Map<String, String> files = raw.files();
        assertEquals(Set.of("latency.csv", "throughput.csv", "fetch.csv"), files.keySet());
        assertEquals(ACTIONS, files.get("latency.csv"));
        assertEquals(ACTIONS, files.get("fetch.csv"));
        files.values().forEach(text -> assertEquals(1, text.lines().count()));
    }

    @Test
    void shouldNoteActions() {
        raw.latency().add("runc", 3, FakeSystem.took(1234, ""));
        raw.fetch().add("process", 0, FakeSystem.took(10, "exit status 1"));
        Action silent = new Action(1000, 0, 3500, 4000, "");
        raw.latency().add("crun", 1, silent);
        assertEquals(
                ACTIONS + "runc,3,617.0,1234.0,2468.0,\ncrun,1,0.0,2.5,3.0,\n",
                file("latency.csv"));
        assertEquals(ACTIONS + "process,0,5.0,10.0,20.0,\"exit status 1\"\n", file("fetch.csv"));
    }

    @Test
    void shouldQuoteWhatFailuresSay() {
        raw.latency().add("runc", 1, FakeSystem.took(2, "said \"no\", then\nended; 100 %s"));
        assertEquals(
                ACTIONS + "runc,1,1.0,2.0,4.0,\"said \"\"no\"\", then\nended; 100 %s\"\n",
                file("latency.csv"));
    }

    @Test
    void shouldNoteWindows() {
        raw.add("runc", 2, new Window(4, 1.5, 30, 1, 12.34, 56.78, new Processor(150, 50, 0)));
        List<String> lines = file("throughput.csv").lines().toList();
        assertEquals("runc,4,2,1.500,30,1,12.3,56.8,1.50,25.0,0.00", lines.get(1));
        assertEquals(columns(lines.get(0)), columns(lines.get(1)));
    }

    private static int columns(String line) {
        return line.split(",", -1).length;
    }
}
