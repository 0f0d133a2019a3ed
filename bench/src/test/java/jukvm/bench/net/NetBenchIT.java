package jukvm.bench.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.OutputStream;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import jukvm.bench.BenchFiles;
import jukvm.bench.Leftovers;
import jukvm.bench.Progress;
import jukvm.bench.Required;
import jukvm.bench.action.Commands;
import jukvm.bench.process.NetworkSpace;
import jukvm.bench.process.Program;
import jukvm.monitor.Monitor;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole measurement with Ethernet's MTU, so short that its figures mean nothing. */
final class NetBenchIT {
    private static final NetBench.Plan TINY = new NetBench.Plan(List.of(1500), 1, 0.001);

    @TempDir private Path folder;

    private NetBench measured() throws Exception {
        Progress silent =
                new Progress(
                        new PrintStream(
                                OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8),
                        true);
        return NetworkSpace.call(
                () -> {
                    try (Monitor monitor = Monitor.open(0)) {
                        BenchFiles files = BenchFiles.ofThisBuild();
                        NetBench bench = new NetBench(files, monitor, folder, TINY, silent);
                        bench.measure();
                        return bench;
                    }
                });
    }

    @Test
    void shouldMeasureEveryWayAndLeaveNothingBehind() throws Exception {
        Required.kvm();
        Required.passt();
        Assumptions.assumeTrue(Files.exists(Path.of("/dev/net/tun")), "needs /dev/net/tun");
        // What is kept from the first use: a socket of the JVM's, and what programs have for input.
        new ServerSocket(0).close();
        Program.of(Path.of("/bin/true"), List.of("true"), List.of()).start().close();
        List<String> descriptors = Leftovers.descriptors(List.of());
        NetBench bench = measured();
        boolean hasQemu = Commands.find("qemu-system-x86_64").isPresent();
        Set<String> missing = bench.missing().keySet();
        assertEquals(hasQemu ? 0 : 2, missing.size(), bench.missing().toString());
        for (NetRow row : bench.rows()) {
            Set<String> empty = Set.of(row.path() + ": " + row.cells());
            assertEquals(missing.contains(row.name()), row.rounds().isEmpty(), empty.toString());
            row.rounds().values().forEach(v -> assertTrue(v.get(0) > 0, empty.toString()));
        }
        Set<String> measured = bench.rows().stream().map(NetRow::path).collect(Collectors.toSet());
        for (String path :
                List.of("TAP", "TAP, ring", "stream, recorded", "switch, ring", "user (passt)")) {
            assertTrue(measured.contains(path), path);
        }
        assertFalse(Leftovers.list(folder).contains("stream"));
        assertEquals(
                List.of(), Leftovers.await(List.of(), () -> Leftovers.descriptors(descriptors)));
        String qemu = "addr.path=" + folder;
        assertEquals(List.of(), Leftovers.await(List.of(), () -> Leftovers.processes(qemu)));
    }
}
