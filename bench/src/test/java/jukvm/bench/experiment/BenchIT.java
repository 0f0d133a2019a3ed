package jukvm.bench.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import jukvm.bench.Leftovers;
import jukvm.bench.Progress;
import jukvm.bench.Required;
import jukvm.bench.process.Program;
import jukvm.bench.result.ResultDirectory;
import jukvm.bench.result.Results;
import jukvm.bench.result.Results.Missing;
import jukvm.bench.result.SystemResult;
import jukvm.bench.result.Verdict;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole experiment on this host, with counts so small that its figures mean nothing. */
final class BenchIT {
    private static final List<String> ALWAYS =
            List.of(
                    "process",
                    "jukvm-cold",
                    "jukvm-shell",
                    "jukvm-snapshot",
                    "jukvm-file",
                    "jukvm-cli",
                    "jukvm-resident",
                    "http-process");
    private static final List<String> SOMETIMES =
            List.of("echo", "runc", "runc-tuned", "crun", "ctr", "solo5-hvt");
    private static final List<String> BY_PASST =
            List.of("http-cold", "http-shell", "http-snapshot");
    private static final List<String> FILES =
            List.of(
                    "results.json",
                    "report.html",
                    "latency.csv",
                    "throughput.csv",
                    "fetch.csv",
                    "throughput.svg",
                    "answers.svg");

    @TempDir private Path folder;

    private final StringWriter summary = new StringWriter();

    @BeforeAll
    static void requireHost() {
        Required.kvm();
    }

    private boolean run(Path results) throws Exception {
        Workplace workplace = Workplace.make(Files.createDirectory(folder.resolve("place")));
        PrintStream nowhere =
                new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
        PrintWriter out = new PrintWriter(summary, true);
        Progress silent = new Progress(nowhere, true);
        // A folder of its own: other tests of this host may run at the same time.
        return new Bench(workplace.files(), workplace.temporary(), silent, out)
                .run(TinyBench.PLAN, results);
    }

    @Test
    void shouldMeasureEverySystemOfThisHostAndLeaveNothingBehind() throws Exception {
        String expedited = Leftovers.expedited();
        Set<Long> childrenBefore = children(Set.of());
        Set<Thread> threadsBefore = threads();
        // What is kept from the first use: a socket of the JVM's, and what programs have for input.
        new ServerSocket(0).close();
        Program.of(Path.of("/bin/true"), List.of("true"), List.of()).start().close();
        List<String> descriptorsBefore = Leftovers.descriptors(List.of());
        Path directory = folder.resolve("new/results");
        boolean good = run(directory);
        Results results = ResultDirectory.read(directory);
        assertTrue(good, results.partial() + failures(results));
        assertFiles(directory);
        assertSystems(results);
        for (Verdict.Bar bar : results.verdict().all()) {
            boolean ratio = bar.unit().equals("times");
            assertTrue(bar.measured() || ratio && results.system("runc").isEmpty(), bar.toString());
        }
        assertTrue(summary.toString().contains(directory.resolve("report.html").toString()));

        assertEquals(expedited, Leftovers.expedited());
        assertEquals(Set.of(), Leftovers.await(Set.of(), () -> children(childrenBefore)));
        Leftovers.assertNoContainers(ProcessHandle.current().pid());
        Leftovers.assertNoFiles(folder.resolve("place/tmp"));
        assertEquals(
                List.of(),
                Leftovers.await(List.of(), () -> Leftovers.descriptors(descriptorsBefore)));
        assertEquals(Set.of(), Leftovers.await(Set.of(), () -> ours(threadsBefore)));
    }

    private static String failures(Results results) {
        return results.systems().stream()
                        .map(system -> system.id() + system.failures())
                        .collect(Collectors.joining(" "))
                + results.fetches();
    }

    private void assertFiles(Path directory) throws Exception {
        for (String name : FILES) {
            assertTrue(Files.size(directory.resolve(name)) > 0, name);
        }
        for (String name : FILES) {
            if (name.endsWith(".csv")) {
                List<String> lines = Files.readAllLines(directory.resolve(name));
                assertTrue(lines.size() > 1, name);
                assertTrue(lines.stream().anyMatch(line -> line.startsWith("jukvm-cold,")), name);
            }
        }
    }

    private static void assertSystems(Results results) {
        Set<String> missing =
                results.missing().stream().map(Missing::id).collect(Collectors.toSet());
        for (String id : ALWAYS) {
            assertTrue(results.system(id).isPresent(), id + results.missing());
        }
        for (String id : SOMETIMES) {
            assertTrue(results.system(id).isPresent() != missing.contains(id), id);
            boolean required = Required.names(id);
            assertFalse(required && missing.contains(id), results.missing().toString());
        }
        for (String id : BY_PASST) {
            assertTrue(results.system(id).isPresent() != missing.contains(id), id);
            assertFalse(
                    Required.names("passt") && missing.contains(id), results.missing().toString());
        }
        for (String id : List.of("runc", "crun")) {
            assertEquals(
                    results.system(id).isPresent(), results.system("http-" + id).isPresent(), id);
        }
        for (Missing one : results.missing()) {
            assertFalse(one.reason().isBlank(), one.toString());
        }
        for (SystemResult system : results.systems()) {
            assertEquals(0, system.failed(), system.toString());
            assertTrue(system.latency().isPresent(), system.id());
            assertEquals(system.isByEngine(), system.peak().isEmpty(), system.id());
            assertFalse(system.how().isBlank(), system.id());
        }
        assertEngines(results, missing);
        SystemResult cold = results.system("jukvm-cold").orElseThrow();
        assertTrue(cold.latency().orElseThrow().done().count() >= 1);
        assertEquals(1, cold.density().size());
        assertEquals(1, cold.offered().size());
        assertEquals(1, results.fetch("jukvm-cold").orElseThrow().done().count());
        assertTrue(results.fetch("jukvm-cli").isPresent() && results.fetch("process").isPresent());
        for (String id : List.of("runc", "crun", "solo5-hvt")) {
            assertEquals(results.system(id).isPresent(), results.fetch(id).isPresent(), id);
        }
        assertTrue(results.soak().isPresent());
    }

    private static void assertEngines(Results results, Set<String> missing) {
        for (String engine : List.of("docker", "ctr", "cri")) {
            String id = SystemResult.ENGINE + engine;
            boolean isThere = results.system(id + "-runc").isPresent();
            assertTrue(isThere || missing.contains(id), results.missing().toString());
            assertTrue(
                    isThere || !Required.names(engine.equals("docker") ? engine : "containerd"),
                    results.missing().toString());
            if (isThere && Workplace.isCommandBuilt()) {
                assertTrue(results.system(id + "-jukvm").isPresent(), results.missing().toString());
            }
        }
    }

    private static Set<Long> children(Set<Long> before) {
        return ProcessHandle.current()
                .children()
                .map(ProcessHandle::pid)
                .filter(pid -> !before.contains(pid))
                .collect(Collectors.toSet());
    }

    private static Set<Thread> threads() {
        return Set.copyOf(Thread.getAllStackTraces().keySet());
    }

    /** Returns the threads that the experiment has made and that are still there. */
    private static Set<String> ours(Set<Thread> before) {
        return threads().stream()
                .filter(thread -> !before.contains(thread))
                .map(Thread::getName)
                .filter(name -> name.matches("(bench|pool|jukvm|guest).*"))
                .collect(Collectors.toSet());
    }
}
