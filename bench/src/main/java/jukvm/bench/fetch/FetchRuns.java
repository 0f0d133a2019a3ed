package jukvm.bench.fetch;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jukvm.bench.BenchFiles;
import jukvm.bench.action.Catalog;
import jukvm.bench.action.Levels;
import jukvm.bench.load.Findings;
import jukvm.bench.load.LatencyRuns;
import jukvm.bench.result.Fetch;
import jukvm.bench.result.Missing;
import jukvm.error.ConfigException;

/** Fetch and start, nothing cached: the same runs as for latency, of the systems that fetch. */
public final class FetchRuns {
    private final List<Findings> found = new ArrayList<>();
    private final String network;

    /**
     * Makes them.
     *
     * @param network what lies between here and the origin, for reports
     */
    public FetchRuns(String network) {
        this.network = network;
    }

    /**
     * Runs them.
     *
     * @param work a directory for what is served and fetched, which the caller deletes
     */
    public void run(Catalog catalog, BenchFiles files, Levels levels, Path work, LatencyRuns runs)
            throws InterruptedException {
        try (FetchingSystems systems = new FetchingSystems(catalog, files, levels, work)) {
            systems.all().forEach(system -> found.add(new Findings(system)));
            runs.run(found);
        } catch (IOException e) {
            throw new ConfigException(work + ": cannot be written: " + e.getMessage());
        }
    }

    /** Returns what was found so far. */
    public List<Fetch> results() {
        return found.stream()
                .filter(one -> one.done().count() > 0)
                .map(one -> result(one, (FetchingSystem) one.system()))
                .toList();
    }

    /** Returns those that never got an action done, with what the first said. */
    public List<Missing> missing() {
        return found.stream()
                .filter(one -> one.done().count() == 0 && one.result().failed() > 0)
                .map(
                        one ->
                                new Missing(
                                        one.id(),
                                        one.system().identity().title() + ", fetched",
                                        one.result().failures().get(0).reason(),
                                        ""))
                .toList();
    }

    private Fetch result(Findings one, FetchingSystem system) {
        return new Fetch(
                one.id(),
                system.identity().title(),
                system.identity().how(),
                system.bytes(),
                network,
                one.done().times(),
                system.fetchMedian(),
                one.result().failed(),
                one.result().failures());
    }
}
