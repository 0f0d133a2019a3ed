package jukvm.bench.action;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import jukvm.bench.BenchFiles;
import jukvm.bench.result.Results.Missing;
import jukvm.bench.result.SystemResult.Kind;
import jukvm.error.HostException;
import jukvm.error.JukvmException;

/**
 * The systems of this host. Each has run the action before it is taken for found; what cannot is
 * missing, with what it said and what would bring it.
 */
public final class Catalog implements AutoCloseable {
    /** What the action prints where it is not a guest. */
    public static final String HELLO = "Hello\n";

    private static final String MEMORY = "--mem=" + Levels.MEMORY_MIB;
    private static final int TRIES = 2;
    private static final Duration BUILD = Duration.ofMinutes(10);

    private final List<ActionSystem> found = new ArrayList<>();
    private final List<Missing> missing = new ArrayList<>();
    private final Path work;
    private final BenchFiles files;
    private final Levels levels;
    private final Containers containers;
    private final Containers servers;
    private final AnsweringGuests guests;

    private Catalog(Path work, BenchFiles files, Levels levels) {
        this.work = work;
        this.files = files;
        this.levels = levels;
        this.containers = new Containers(work, files.action());
        this.servers = new Containers(work.resolve("servers"), files.server());
        this.guests = new AnsweringGuests(files, levels);
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
        String root = "run as root";
        find("runc", "runc", "apt-get install runc", root, containers::runc);
        find("runc-tuned", "runc", "apt-get install runc", root, containers::tunedRunc);
        find("crun", "crun", "apt-get install crun", root, containers::crun);
        find(
                "ctr",
                "ctr",
                "apt-get install containerd",
                "start containerd, " + root,
                containers::containerd);
        String build = "build it from Solo5's sources and put it on PATH";
        find("solo5-hvt", "solo5-hvt", build, "", this::hvt);
        add(command(), "");
        String client = "apt-get install gcc make, so that the client is built";
        add(residentCommand(), client);
        library("cold", "new VM, image read anew", "", levels.coldFreed());
        library("shell", "cleaned VM, laid out by a template", "VM, image", levels.shell());
        library(
                "snapshot",
                "cleaned VM, goes on at the first hypercall",
                "VM, image, state of the guest",
                levels.snapshot());
        library(
                "file",
                "new VM, goes on from a snapshot whose file is opened",
                "the file",
                levels.file(work.resolve("hello.snap")));
        answers();
    }

    // What does not run the action here is missing already.
    private void answers() throws InterruptedException {
        String server = "static server, no libc: says its port, answers, ends";
        ProgramSystem.Line process = ProgramSystem.Line.of(files.server());
        answers("process", server, "", () -> new AnsweringProgram(process));
        for (String id : List.of("runc", "crun")) {
            String how = id + " run of the same in the smallest bundle, the host's network";
            answers(id, how, "", () -> new AnsweringProgram(server(id)));
        }
        answers("jukvm-cold", "new VM, image read anew, new passt", "", guests::cold);
        String cleaned = "cleaned VM, ";
        String kept = "VM, image, passt";
        answers("jukvm-shell", cleaned + "laid out by a template", kept, guests::shell);
        String more = kept + ", state of the guest";
        answers("jukvm-snapshot", cleaned + "goes on where it serves", more, guests::snapshot);
    }

    private ProgramSystem.Line server(String id) {
        Path runtime = Commands.find(id).orElseThrow();
        return servers.line(id, runtime, name -> servers.bundle(name, false));
    }

    private void answers(
            String base, String how, String kept, Supplier<AnsweringSystem.Starter> starters)
            throws InterruptedException {
        Optional<ActionSystem> of = system(base);
        if (of.isPresent()) {
            String mends = base.startsWith("jukvm") ? "apt-get install passt" : "";
            add(new AnsweringSystem(of.get(), how, kept, starters), mends);
        }
    }

    /** Makes a system of a program. */
    private interface Maker {
        ActionSystem make(Path program) throws InterruptedException;
    }

    // What brings it is for who does not have it, what mends it for whom it does not work.
    private void find(String id, String program, String brings, String mends, Maker maker)
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
            failure = Trial.of(system, TRIES);
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

    private ActionSystem process() {
        Path action = files.action();
        return new ProgramSystem(
                new Identity("process", "process", Kind.PROCESS, "static program, no libc", "", ""),
                ProgramSystem.Line.of(action),
                HELLO,
                Surroundings.NONE,
                Optional.of(ProgramSystem.Line.of(action, "idle").idle(HELLO)));
    }

    private ActionSystem echo(Path echo) throws InterruptedException {
        String version = Commands.version(echo);
        return new ProgramSystem(
                new Identity("echo", "/bin/echo", Kind.PROCESS, echo + " Hello", version, ""),
                ProgramSystem.Line.of(echo, "Hello"),
                HELLO,
                Surroundings.NONE,
                Optional.empty());
    }

    private ActionSystem hvt(Path tender) throws InterruptedException {
        String how = "solo5-hvt " + MEMORY + " hello.hvt";
        String version = Commands.version(tender);
        return guest(
                new Identity("solo5-hvt", "solo5-hvt", Kind.TENDER, how, version, ""),
                ProgramSystem.Line.of(tender, MEMORY, files.hello().toString(), Levels.ARGUMENT),
                ProgramSystem.Line.of(tender, MEMORY, files.idle().toString(), Levels.FOREVER));
    }

    private ActionSystem command() throws InterruptedException {
        Path jukvm = files.command();
        try {
            // The launcher builds it at first, which takes longer than an action may.
            Commands.run(BUILD, jukvm, "--version");
        } catch (HostException e) {
            // What runs it next says why it is missing.
        }
        String how = "jukvm run " + MEMORY + " hello.hvt: a JVM for each action";
        String hello = files.hello().toString();
        String idle = files.idle().toString();
        return guest(
                new Identity("jukvm-cli", "jukvm, command line", Kind.JUKVM, how, "", ""),
                ProgramSystem.Line.of(jukvm, "run", MEMORY, hello, Levels.ARGUMENT),
                ProgramSystem.Line.of(jukvm, "run", MEMORY, idle, Levels.FOREVER));
    }

    private ActionSystem residentCommand() {
        String how = "jukvm run " + MEMORY + " hello.hvt: a client of the daemon for each action";
        return new ResidentCommand(
                new Identity(
                        "jukvm-resident",
                        "jukvm, command line with the daemon",
                        Kind.JUKVM,
                        how,
                        "",
                        "JVM, VM, image"),
                files.command(),
                work.resolve("daemon"),
                List.of("run", MEMORY, files.hello().toString(), Levels.ARGUMENT));
    }

    private static ActionSystem guest(
            Identity identity, ProgramSystem.Line line, ProgramSystem.Line idle) {
        return new ProgramSystem(
                identity,
                line,
                Levels.GREETING,
                Surroundings.NONE,
                Optional.of(idle.idle(Levels.IDLE_GREETING)));
    }

    private void library(String id, String how, String kept, Level level)
            throws InterruptedException {
        Optional<Idle.Starter> idle = Optional.empty();
        if (kept.isEmpty()) {
            idle = Optional.of(levels::idle);
        }
        Identity identity =
                new Identity("jukvm-" + id, "jukvm library, " + id, Kind.JUKVM, how, "", kept);
        add(new EmbeddedSystem(identity, level, idle), "");
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

    /** Returns a bundle like those that containers are started from. */
    public Path bundle() {
        return containers.bundle("packed", false);
    }

    /** Returns what runs containers of another bundle, by a runtime of this host. */
    public Worker container(String id, Path bundle) {
        Path runtime = Commands.find(id).orElseThrow();
        return containers.line(id, runtime, name -> bundle).worker(HELLO);
    }

    @Override
    public void close() {
        found.forEach(ActionSystem::close);
        guests.close();
    }
}
