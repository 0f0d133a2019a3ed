package jukvm.bench.action;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import jukvm.bench.BenchFiles;
import jukvm.bench.result.Missing;
import jukvm.bench.result.SystemResult.Kind;
import jukvm.error.HostException;
import jukvm.error.JukvmException;
import jukvm.image.GuestImage;
import jukvm.monitor.Monitor;

/**
 * The systems of this host. Each has run the action before it is taken for found; what cannot is
 * missing, with what it said and what would bring it.
 */
public final class Catalog implements AutoCloseable {
    /** What the action prints where it is not a guest. */
    public static final String HELLO = "Hello\n";

    private static final String IDLE_GREETING = "poll (hvt 2)\n";
    private static final long NATIVE_BYTES = 1L << 20;
    private static final long TENDER_BYTES = 8L << 20;
    private static final long JVM_BYTES = 160L << 20;
    private static final int TRIES = 2;
    private static final Duration BUILD = Duration.ofMinutes(10);

    private final List<ActionSystem> found = new ArrayList<>();
    private final List<Missing> missing = new ArrayList<>();
    private final BenchFiles files;
    private final Levels levels;
    private final Containers containers;
    private final Monitor idleMonitor = Monitor.open(0);

    private Catalog(Path work, BenchFiles files, Levels levels) {
        this.files = files;
        this.levels = levels;
        this.containers = new Containers(work, files.action());
    }

    /**
     * Looks for all of them.
     *
     * @param work an empty directory for what they need, which the caller deletes
     */
    public static Catalog search(Path work, BenchFiles files, Levels levels)
            throws InterruptedException {
        Catalog catalog = new Catalog(work, files, levels);
        try {
            catalog.search();
            return catalog;
        } catch (InterruptedException | RuntimeException e) {
            catalog.close();
            throw e;
        }
    }

    private void search() throws InterruptedException {
        add(process(), "");
        find("echo", "echo", "apt-get install coreutils", "", this::echo);
        for (Containers.Way way : Containers.Way.values()) {
            find(
                    way.program(),
                    way.id(),
                    "apt-get install " + way.debianPackage(),
                    way.remedy(),
                    runtime -> containers.system(way, runtime));
        }
        find(
                "solo5-hvt",
                "solo5-hvt",
                "build it from Solo5's sources and put it on PATH",
                "",
                this::hvt);
        add(command(), "");
        for (ActionSystem library : library()) {
            add(library, "");
        }
    }

    private List<ActionSystem> library() {
        return List.of(
                embedded("cold", "new VM, image read anew", "", levels.cold()),
                embedded(
                        "shell", "cleaned VM, laid out by a template", "VM, image", levels.shell()),
                embedded(
                        "snapshot",
                        "cleaned VM, goes on at the first hypercall",
                        "VM, image, state of the guest",
                        levels.snapshot()));
    }

    /** Makes a system of a program. */
    private interface Maker {
        ActionSystem make(Path program) throws InterruptedException;
    }

    private void find(String program, String id, String brings, String mends, Maker maker)
            throws InterruptedException {
        Optional<Path> executable = Commands.find(program);
        if (executable.isEmpty()) {
            missing.add(new Missing(id, id, "no " + program + " on this host", brings));
            return;
        }
        try {
            add(maker.make(executable.get()), mends);
        } catch (JukvmException e) {
            missing.add(new Missing(id, id, String.valueOf(e.getMessage()), mends));
        }
    }

    private void add(ActionSystem system, String mends) throws InterruptedException {
        String failure;
        try {
            failure = tried(system);
        } catch (InterruptedException | RuntimeException e) {
            system.close();
            throw e;
        }
        if (failure.isEmpty()) {
            found.add(system);
        } else {
            Identity identity = system.identity();
            system.close();
            missing.add(new Missing(identity.id(), identity.title(), failure, mends));
        }
    }

    // On a thread of its own, which the system may change for good.
    private static String tried(ActionSystem system) throws InterruptedException {
        Callable<String> actions =
                () -> {
                    try (Worker worker = system.worker()) {
                        String failure = "";
                        for (int i = 0; i < TRIES && failure.isEmpty(); i++) {
                            failure = worker.run().failure();
                        }
                        return failure;
                    } catch (JukvmException e) {
                        return String.valueOf(e.getMessage());
                    }
                };
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            system.enter();
            return thread.submit(actions).get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } finally {
            Commands.end(thread);
            system.leave();
        }
    }

    private ActionSystem process() {
        Path action = files.action();
        return new ProgramSystem(
                new Identity("process", "process", Kind.PROCESS, "static program, no libc", "", ""),
                ProgramSystem.Line.of(action),
                HELLO,
                Surroundings.NONE,
                Optional.of(
                        new ProgramIdle(
                                ProgramSystem.Line.of(action, "idle"), HELLO, NATIVE_BYTES)));
    }

    private ActionSystem echo(Path echo) throws InterruptedException {
        return new ProgramSystem(
                new Identity(
                        "echo",
                        "/bin/echo",
                        Kind.PROCESS,
                        echo + " Hello",
                        Commands.version(echo, "--version"),
                        ""),
                ProgramSystem.Line.of(echo, "Hello"),
                HELLO,
                Surroundings.NONE,
                Optional.empty());
    }

    private ActionSystem hvt(Path tender) throws InterruptedException {
        String memory = "--mem=" + Levels.MEMORY_MIB;
        return new ProgramSystem(
                new Identity(
                        "solo5-hvt",
                        "solo5-hvt",
                        Kind.TENDER,
                        "solo5-hvt " + memory + " hello.hvt",
                        Commands.version(tender, "--version"),
                        ""),
                ProgramSystem.Line.of(tender, memory, files.hello().toString(), Levels.ARGUMENT),
                Levels.GREETING,
                Surroundings.NONE,
                Optional.of(
                        new ProgramIdle(
                                ProgramSystem.Line.of(
                                        tender, memory, files.idle().toString(), "forever"),
                                IDLE_GREETING,
                                TENDER_BYTES)));
    }

    private ActionSystem command() throws InterruptedException {
        buildCommand();
        String memory = "--mem=" + Levels.MEMORY_MIB;
        Path command = files.command();
        return new ProgramSystem(
                new Identity(
                        "jukvm-cli",
                        "jukvm, command line",
                        Kind.JUKVM,
                        "jukvm run " + memory + " hello.hvt: a JVM for each action",
                        "",
                        ""),
                ProgramSystem.Line.of(
                        command, "run", memory, files.hello().toString(), Levels.ARGUMENT),
                Levels.GREETING,
                Surroundings.NONE,
                Optional.of(
                        new ProgramIdle(
                                ProgramSystem.Line.of(
                                        command, "run", memory, files.idle().toString(), "forever"),
                                IDLE_GREETING,
                                JVM_BYTES)));
    }

    // The launcher builds it at first, which takes longer than an action may.
    private void buildCommand() throws InterruptedException {
        try {
            Commands.run(BUILD, files.command(), "--version");
        } catch (HostException e) {
            // What runs it next says why it is missing.
        }
    }

    private ActionSystem embedded(String id, String how, String kept, Level level) {
        Optional<IdleStarter> idle =
                kept.isEmpty()
                        ? Optional.of(new EmbeddedIdle(idleMonitor, GuestImage.read(files.idle())))
                        : Optional.empty();
        Identity identity =
                new Identity("jukvm-" + id, "jukvm library, " + id, Kind.JUKVM, how, "", kept);
        return new EmbeddedSystem(identity, level, idle);
    }

    /** Returns the systems that run the action here, in the order of reports. */
    public List<ActionSystem> found() {
        return List.copyOf(found);
    }

    /** Returns the others. */
    public List<Missing> missing() {
        return List.copyOf(missing);
    }

    /** Returns the system of this id, if it runs the action here. */
    public Optional<ActionSystem> system(String id) {
        return found.stream().filter(system -> system.identity().id().equals(id)).findFirst();
    }

    /** Returns a bundle like those that containers are started from; once. */
    public Path bundle() {
        return containers.bundle();
    }

    /** Returns what runs containers of another bundle, by a runtime of this host. */
    public Worker container(String id, Path bundle) {
        Path runtime = Commands.find(id).orElseThrow();
        ProgramSystem.Line line = containers.line(id, runtime, name -> bundle);
        return new ProgramWorker(line, Names.next("fetched"), HELLO);
    }

    @Override
    public void close() {
        found.forEach(ActionSystem::close);
        idleMonitor.close();
    }
}
