package jukvm.bench.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import jukvm.bench.BenchFiles;
import jukvm.bench.load.Processor;
import jukvm.bench.result.Host;
import jukvm.bench.result.Host.Setting;
import org.junit.jupiter.api.Test;

final class HostReaderTest {
    private static final Setting MORE = new Setting("more", "of it");

    private static Host read(Path root) throws InterruptedException {
        return HostReader.read(root, new Processor(60, 30, 10), List.of(MORE));
    }

    @Test
    void shouldSayWhatThisHostIs() throws InterruptedException {
        Host host = read(BenchFiles.ofThisBuild().root());
        assertFalse(host.cpu().isBlank());
        assertFalse(host.kernel().isBlank());
        assertFalse(host.jdk().isBlank());
        assertFalse(host.jukvm().isBlank());
        assertTrue(host.cores() >= 1);
        assertTrue(host.memory() > 1L << 28);
        assertEquals(10, host.stealPercent());
        assertTrue(host.settings().contains(MORE), host.settings().toString());
        assertTrue(host.settings().stream().anyMatch(setting -> setting.name().equals("cgroups")));
        for (Setting setting : host.settings()) {
            assertFalse(setting.name().isBlank() || setting.value().isBlank(), setting.toString());
            assertFalse(setting.value().contains("["), setting.toString());
        }
    }

    @Test
    void shouldNameNoCommitWhereThereIsNone() throws InterruptedException {
        String version = read(Path.of("/proc")).jukvm();
        assertFalse(version.contains("commit"), version);
    }

    @Test
    void shouldSayWhatLiesBetweenTwoProcesses() throws InterruptedException {
        String network = HostReader.network();
        assertTrue(network.startsWith("loopback"), network);
    }
}
