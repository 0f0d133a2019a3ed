package jukvm.bench.engine;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import jukvm.bench.BenchFiles;
import jukvm.bench.action.ActionSystem;
import jukvm.bench.action.Trial;
import jukvm.bench.result.Results.Missing;
import jukvm.bench.result.SystemResult;
import jukvm.error.JukvmException;

/**
 * Container engines that are asked for the action as their users do. Each runs a static program by
 * runc, and a guest by jukvm, from the same image. One that is not on this host is missing, with
 * what would bring it.
 */
public final class Engines implements AutoCloseable {
    private static final String RIGHTS = "run as root";

    private final BenchFiles files;
    private final Path folder;
    private final List<ActionSystem> found = new ArrayList<>();
    private final List<Missing> missing = new ArrayList<>();
    private Optional<World> world = Optional.empty();

    private Engines(BenchFiles files, Path folder) {
        this.files = files;
        this.folder = folder;
    }

    /**
     * Starts those of this host, and has each run the action.
     *
     * @param folder to make for all they store, which the caller deletes; its path is short, since
     *     sockets are in it
     */
    public static Engines start(BenchFiles files, Path folder) throws InterruptedException {
        Engines engines = new Engines(files, folder);
        try {
            for (Engine engine : Engine.values()) {
                engines.start(engine);
            }
            return engines;
        } catch (InterruptedException | RuntimeException e) {
            engines.close();
            throw e;
        }
    }

    private void start(Engine engine) throws InterruptedException {
        List<String> lacking = engine.lacking();
        if (!lacking.isEmpty()) {
            String reason = "no " + String.join(", no ", lacking) + " on this host";
            addMissing(engine.id(), engine.how(), reason, engine.remedy());
            return;
        }
        try {
            World daemons = world();
            engine.prepare(daemons);
            for (Way way : Way.ALL) {
                add(engine.id() + "-" + way.id(), engine.system(way, daemons));
            }
        } catch (JukvmException e) {
            addMissing(engine.id(), engine.how(), String.valueOf(e.getMessage()), RIGHTS);
        }
    }

    private World world() throws InterruptedException {
        if (world.isEmpty()) {
            world = Optional.of(World.start(files, folder));
        }
        return world.get();
    }

    private void add(String id, ActionSystem system) throws InterruptedException {
        String failure = Trial.of(system, 1);
        if (failure.isEmpty()) {
            found.add(system);
        } else {
            addMissing(id, system.identity().title(), failure, "");
        }
    }

    private void addMissing(String id, String title, String reason, String remedy) {
        missing.add(new Missing(SystemResult.ENGINE + id, title, reason, remedy));
    }

    /** Returns the systems that run the action here, in the order of reports. */
    public List<ActionSystem> found() {
        return List.copyOf(found);
    }

    /** Returns the others. */
    public List<Missing> missing() {
        return List.copyOf(missing);
    }

    /** Ends the engines, with all they have started. */
    @Override
    public void close() {
        world.ifPresent(World::close);
    }
}
