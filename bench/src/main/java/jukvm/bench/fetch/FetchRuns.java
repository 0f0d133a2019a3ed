package jukvm.bench.fetch;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jukvm.bench.BenchFiles;
import jukvm.bench.action.Catalog;
import jukvm.bench.action.Identity;
import jukvm.bench.action.Levels;
import jukvm.bench.load.Findings;
import jukvm.bench.load.LatencyRuns;
import jukvm.bench.result.Fetch;
import jukvm.bench.result.Results.Missing;
import jukvm.bench.result.SystemResult;
import jukvm.error.ConfigException;

/** Fetch and start, nothing cached: the same runs as for latency, of the systems that fetch. */
public final class FetchRuns {
    private final List<FetchingSystem> systems = new ArrayList<>();
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
        try (FetchingSystems all = new FetchingSystems(catalog, files, levels, work)) {
            systems.addAll(all.all());
            systems.forEach(system -> found.add(new Findings(system)));
            runs.run(found);
        } catch (IOException e) {
            throw new ConfigException(work + ": cannot be written: " + e.getMessage());
        }
    }

    /** Returns what was found so far. */
    public List<Fetch> results() {
        List<Fetch> results = new ArrayList<>();
        for (int i = 0; i < found.size(); i++) {
            if (found.get(i).done().count() > 0) {
                results.add(result(found.get(i), systems.get(i)));
            }
        }
        return results;
    }

    private Fetch result(Findings one, FetchingSystem system) {
        Identity identity = system.identity();
        SystemResult result = one.result();
        return new Fetch(
                identity.id(),
                identity.title(),
                identity.how(),
                system.bytes(),
                network,
                one.done().times(),
                system.fetchMedian(),
                result.failed(),
                result.failures());
    }

    /** Returns those that never got an action done, with what the first said. */
    public List<Missing> missing() {
        return found.stream()
                .filter(one -> one.done().count() == 0 && one.result().failed() > 0)
                .map(FetchRuns::missing)
                .toList();
    }

    private static Missing missing(Findings one) {
        String title = one.system().identity().title() + ", fetched";
        return new Missing(one.id(), title, one.result().failures().get(0).reason(), "");
    }
}
