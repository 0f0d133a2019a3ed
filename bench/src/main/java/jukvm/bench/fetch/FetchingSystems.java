package jukvm.bench.fetch;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import jukvm.bench.BenchFiles;
import jukvm.bench.action.Action;
import jukvm.bench.action.ActionSystem;
import jukvm.bench.action.Bundle;
import jukvm.bench.action.Catalog;
import jukvm.bench.action.Commands;
import jukvm.bench.action.ExpectedConsole;
import jukvm.bench.action.Levels;
import jukvm.bench.action.Worker;
import jukvm.bench.fetch.FetchingSystem.Parts;
import jukvm.bench.fetch.FetchingSystem.Step;
import jukvm.bench.process.Program;
import jukvm.fetch.FetchLimits;
import jukvm.fetch.ImageFetch;
import jukvm.guest.RunResult;
import jukvm.image.GuestImage;
import org.apache.commons.io.file.PathUtils;

/** The systems that fetch, each made of one that does not; and the origin they fetch from. */
final class FetchingSystems implements AutoCloseable {
    private static final String GUEST = "hello.hvt";
    private static final String PROGRAM = "action";
    private static final String BUNDLE = "bundle.tar";
    private static final String MEMORY = "--mem=" + Levels.MEMORY_MIB;

    private final Catalog catalog;
    private final BenchFiles files;
    private final Levels levels;
    private final Path work;
    private final Path served;
    private final Origin origin;
    private final List<FetchingSystem> all = new ArrayList<>();

    /**
     * Starts the origin.
     *
     * @param work a directory for what is served and fetched, which the caller deletes
     */
    FetchingSystems(Catalog catalog, BenchFiles files, Levels levels, Path work)
            throws IOException {
        this.catalog = catalog;
        this.files = files;
        this.levels = levels;
        this.work = Files.createDirectories(work.resolve("fetched"));
        this.served = Files.createDirectories(work.resolve("served"));
        Files.copy(files.hello(), served.resolve(GUEST));
        Files.copy(files.action(), served.resolve(PROGRAM));
        try (OutputStream out = Files.newOutputStream(served.resolve(BUNDLE))) {
            Bundle.pack(catalog.bundle(), out);
        }
        this.origin = Origin.serve(served);
        String unpacked = "bundle as tar, unpacked, run, deleted";
        add("process", PROGRAM, "program to a file, started", this::process);
        add("runc", BUNDLE, unpacked, () -> container("runc"));
        add("crun", BUNDLE, unpacked, () -> container("crun"));
        add("solo5-hvt", GUEST, "guest to a file, started", this::hvt);
        add("jukvm-cli", GUEST, "jukvm run http://…/hello.hvt#sha256=…", this::command);
        add("jukvm-cold", GUEST, "guest into memory, digest verified, new VM", this::embedded);
    }

    private void add(String id, String file, String how, Supplier<Parts> parts) throws IOException {
        Optional<ActionSystem> base = catalog.system(id);
        if (base.isPresent()) {
            long bytes = Files.size(served.resolve(file));
            all.add(new FetchingSystem(base.get(), how, bytes, parts.get()));
        }
    }

    /** Returns all that this host has. */
    List<FetchingSystem> all() {
        return List.copyOf(all);
    }

    private Parts process() {
        Path file = work.resolve(PROGRAM);
        return toFile(PROGRAM, file, Commands.program(file, List.of()), Catalog.HELLO);
    }

    private Parts hvt() {
        Path file = work.resolve(GUEST);
        List<String> words = List.of(MEMORY, file.toString(), Levels.ARGUMENT);
        Program program = Commands.program(Commands.find("solo5-hvt").orElseThrow(), words);
        return toFile(GUEST, file, program, Levels.GREETING);
    }

    // A program, or what a program reads.
    private Parts toFile(String served, Path file, Program program, String expected) {
        URI address = origin.address(served);
        Step fetch =
                () -> {
                    try (InputStream in = address.toURL().openStream()) {
                        Files.copy(in, file);
                    }
                    Files.setPosixFilePermissions(
                            file, PosixFilePermissions.fromString("rwxr-xr-x"));
                };
        return new Parts(
                fetch,
                () -> Commands.act(program, expected, false),
                () -> Files.deleteIfExists(file));
    }

    private Parts container(String id) {
        Path bundle = work.resolve("bundle-" + id);
        URI address = origin.address(BUNDLE);
        Step fetch =
                () -> {
                    Files.createDirectory(bundle);
                    try (InputStream in = address.toURL().openStream()) {
                        Bundle.unpack(in, bundle);
                    }
                };
        Step clean =
                () -> {
                    if (Files.exists(bundle)) {
                        PathUtils.deleteDirectory(bundle);
                    }
                };
        return new Parts(fetch, catalog.container(id, bundle), clean);
    }

    // A program that fetches by itself.
    private Parts command() {
        String address = verified().toString();
        Program program =
                Commands.program(files.command(), List.of("run", MEMORY, address, Levels.ARGUMENT));
        Worker worker = () -> Commands.act(program, Levels.GREETING, false);
        return new Parts(FetchingSystem.NOTHING, worker, FetchingSystem.NOTHING);
    }

    // A guest that this JVM fetches into its memory and runs in a new VM.
    private Parts embedded() {
        URI address = verified();
        ExpectedConsole console = new ExpectedConsole(Levels.GREETING);
        AtomicReference<GuestImage> image = new AtomicReference<>();
        Worker worker =
                () -> {
                    console.restart();
                    long requested = System.nanoTime();
                    RunResult result = levels.runCold(Objects.requireNonNull(image.get()), console);
                    long done = System.nanoTime();
                    long first = result.timeline().firstConsoleByte();
                    return new Action(requested, first, done, done, console.failure(result));
                };
        Step fetch = () -> image.set(ImageFetch.read(address, FetchLimits.DEFAULT));
        return new Parts(fetch, worker, FetchingSystem.NOTHING);
    }

    private URI verified() {
        try {
            byte[] guest = Files.readAllBytes(served.resolve(GUEST));
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(guest);
            return URI.create(
                    origin.address(GUEST) + "#sha256=" + HexFormat.of().formatHex(digest));
        } catch (IOException | NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        origin.close();
    }
}
