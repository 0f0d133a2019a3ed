package jukvm.bench.fetch;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
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
import jukvm.bench.process.Program;
import jukvm.fetch.FetchLimits;
import jukvm.fetch.ImageFetch;
import jukvm.guest.RunResult;
import jukvm.image.GuestImage;

/** The systems that fetch, each made of one that does not; and the origin they fetch from. */
final class FetchingSystems implements AutoCloseable {
    private static final String GUEST = "hello.hvt";
    private static final String PROGRAM = "action";
    private static final String BUNDLE = "bundle.tar";

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
        add("process", PROGRAM, "program to a file, started", this::process);
        add("runc", BUNDLE, "bundle as tar, unpacked, run, deleted", () -> container("runc"));
        add("crun", BUNDLE, "bundle as tar, unpacked, run, deleted", () -> container("crun"));
        add("solo5-hvt", GUEST, "guest to a file, started", this::hvt);
        add("jukvm-cli", GUEST, "jukvm run http://…/hello.hvt#sha256=…", this::command);
        add("jukvm-cold", GUEST, "guest into memory, digest verified, new VM", Embedded::new);
    }

    private void add(String id, String file, String how, Supplier<FetchingSystem.Parts> parts)
            throws IOException {
        Optional<ActionSystem> base = catalog.system(id);
        if (base.isPresent()) {
            long bytes = Files.size(served.resolve(file));
            all.add(new FetchingSystem(base.get(), how, bytes, parts));
        }
    }

    /** Returns all that this host has. */
    List<FetchingSystem> all() {
        return List.copyOf(all);
    }

    private FetchingSystem.Parts process() {
        Path file = work.resolve(PROGRAM);
        Program program = Commands.program(file, List.of());
        return new ToFile(origin.address(PROGRAM), file, program, Catalog.HELLO);
    }

    private FetchingSystem.Parts hvt() {
        Path file = work.resolve(GUEST);
        List<String> words =
                List.of("--mem=" + Levels.MEMORY_MIB, file.toString(), Levels.ARGUMENT);
        Program program = Commands.program(Commands.find("solo5-hvt").orElseThrow(), words);
        return new ToFile(origin.address(GUEST), file, program, Levels.GREETING);
    }

    private FetchingSystem.Parts container(String id) {
        Path bundle = work.resolve("bundle-" + id);
        return new Container(bundle, catalog.container(id, bundle));
    }

    private FetchingSystem.Parts command() {
        URI address = origin.address(GUEST, "#sha256=" + digest(files.hello()));
        List<String> words =
                List.of("run", "--mem=" + Levels.MEMORY_MIB, address.toString(), Levels.ARGUMENT);
        return new ByItself(Commands.program(files.command(), words));
    }

    /** Returns the digest of a file, as an address has it. */
    static String digest(Path file) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(sha256.digest(Files.readAllBytes(file)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A program, or what a program reads. */
    private record ToFile(URI address, Path file, Program program, String expected)
            implements FetchingSystem.Parts {
        @Override
        public void fetch() throws IOException {
            try (InputStream in = address.toURL().openStream()) {
                Files.copy(in, file);
            }
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        }

        @Override
        public Action run() throws InterruptedException {
            return Commands.act(program, expected);
        }

        @Override
        public void clean() throws IOException {
            Files.deleteIfExists(file);
        }
    }

    /** A bundle. */
    private final class Container implements FetchingSystem.Parts {
        private final Path bundle;
        private final Worker worker;

        Container(Path bundle, Worker worker) {
            this.bundle = bundle;
            this.worker = worker;
        }

        @Override
        public void fetch() throws IOException {
            Files.createDirectory(bundle);
            try (InputStream in = origin.address(BUNDLE).toURL().openStream()) {
                Bundle.unpack(in, bundle);
            }
        }

        @Override
        public Action run() throws InterruptedException {
            return worker.run();
        }

        @Override
        public void clean() throws IOException {
            Folders.delete(bundle);
        }

        @Override
        public void close() {
            worker.close();
        }
    }

    /** A program that fetches by itself. */
    private record ByItself(Program program) implements FetchingSystem.Parts {
        @Override
        public void fetch() {}

        @Override
        public boolean tells() {
            return false;
        }

        @Override
        public Action run() throws InterruptedException {
            return Commands.act(program, Levels.GREETING);
        }
    }

    /** A guest that this JVM fetches into its memory and runs in a new VM. */
    private final class Embedded implements FetchingSystem.Parts {
        private final URI address = origin.address(GUEST, "#sha256=" + digest(files.hello()));
        private final ExpectedConsole console = new ExpectedConsole(Levels.GREETING);
        private Optional<GuestImage> image = Optional.empty();

        @Override
        public void fetch() throws InterruptedException {
            image = Optional.of(ImageFetch.read(address, FetchLimits.DEFAULT));
        }

        @Override
        public Action run() throws InterruptedException {
            console.restart();
            long requested = System.nanoTime();
            RunResult result = levels.runCold(image.orElseThrow(), console);
            long done = System.nanoTime();
            long first = result.timeline().firstConsoleByte();
            String failure = console.failure(result);
            return new Action(requested, first, done, done, failure, Optional.empty());
        }
    }

    @Override
    public void close() {
        origin.close();
    }
}
