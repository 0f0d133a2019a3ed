package jukvm.bench.experiment;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import jukvm.bench.BenchFiles;

/**
 * A folder that looks like a working copy to the command: its guests, its action, and a command
 * {@code jukvm} that needs no build; besides, a place for temporary files. Anybody may read it.
 */
public final class Workplace {
    private static final Path BUILD = BenchFiles.ofThisBuild().root();
    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();

    // As much of the command as the experiment asks for: starting and checking it is what counts.
    private static final String COMMAND =
            """
            #!/bin/sh
            case $0 in
            */jukvm-runtime) exec ROOT/jukvm-runtime "$@" ;;
            esac
            [ $# -ge 4 ] || exit 0
            case $3 in
            *poll.hvt) echo 'poll (hvt 2)'; exec sleep infinity ;;
            esac
            printf 'Hello from a jukvm guest (hvt 2)\\ncommand line: %s\\n' "$4"
            """;

    private final Path root;
    private String classes = System.getProperty("java.class.path");

    private Workplace(Path root) {
        this.root = root;
    }

    /** Makes one in an empty folder. */
    public static Workplace make(Path folder) throws IOException {
        Workplace workplace = new Workplace(folder);
        BenchFiles files = workplace.files();
        BenchFiles build = BenchFiles.of(BUILD);
        copy(build.hello(), files.hello());
        copy(build.exits(), files.exits());
        copy(build.spin(), files.spin());
        copy(build.idle(), files.idle());
        copy(build.http(), files.http());
        copy(build.frames(), files.frames());
        copy(build.echo(), files.echo());
        copy(build.action(), files.action());
        copy(build.server(), files.server());
        Files.createDirectory(workplace.temporary());
        allow(workplace.temporary(), "rwxrwxrwx");
        workplace.writeCommand();
        allow(folder, "rwxr-xr-x");
        return workplace;
    }

    private void writeCommand() throws IOException {
        // As a runtime of containers it is the one of this build.
        Path build = Files.createDirectory(root.resolve("build"));
        Path command = BenchFiles.of(BUILD).command();
        Files.createSymbolicLink(build.resolve("jukvm-runtime"), command);
        Files.writeString(files().command(), COMMAND.replace("ROOT", build.toString()));
        allow(files().command(), "rwxr-xr-x");
    }

    /** Returns whether the command is built that is the runtime of containers. */
    public static boolean isCommandBuilt() {
        return Files.exists(BUILD.resolve("cli/target/jukvm/jukvm.jar"));
    }

    /** Puts the command of this build in the place of the one that starts nothing. */
    public Workplace withCommand() throws IOException {
        Path installed = Files.createDirectory(root.resolve("installed"));
        copyInto(BUILD.resolve("cli/src/main/launcher"), installed);
        copyInto(BUILD.resolve("cli/target/jukvm"), installed);
        copy(files().hello(), installed.resolve("hello.ukvm"));
        Files.delete(files().command());
        Files.createSymbolicLink(files().command(), installed.resolve("jukvm"));
        return this;
    }

    /** Copies the classes as well, for a user who may not read where they are. */
    Workplace withClasses() throws IOException {
        List<String> copies = new ArrayList<>();
        for (String element : classes.split(File.pathSeparator, -1)) {
            Path from = Path.of(element);
            Path to = root.resolve("classes/" + copies.size() + "-" + from.getFileName());
            if (Files.exists(from)) {
                copy(from, to);
                copies.add(to.toString());
            }
        }
        classes = String.join(File.pathSeparator, copies);
        return this;
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to.getParent());
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path copy = to.resolve(from.relativize(file).toString());
                Files.copy(file, copy);
                allow(copy, "rwxr-xr-x");
            }
        }
    }

    private static void copyInto(Path from, Path to) throws IOException {
        for (String name :
                List.of(
                        "jukvm",
                        "client.sh",
                        "launch.sh",
                        "network.sh",
                        "runtime.sh",
                        "jukvm.jar",
                        "lib",
                        "client")) {
            if (Files.exists(from.resolve(name))) {
                copy(from.resolve(name), to.resolve(name));
            }
        }
    }

    private static void allow(Path file, String permissions) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }

    BenchFiles files() {
        return BenchFiles.of(root);
    }

    /** Returns where processes started here have their temporary files. */
    Path temporary() {
        return root.resolve("tmp");
    }

    /** Returns the command line of a class's main method here, on the JDK that runs the tests. */
    public List<String> line(Class<?> main, String... arguments) {
        List<String> line = new ArrayList<>(List.of(JAVA));
        if (Runtime.version().feature() >= 24) { // Which warn of libraries otherwise.
            line.add("--enable-native-access=ALL-UNNAMED");
        }
        line.addAll(
                List.of(
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xshare:auto",
                        "-Djava.io.tmpdir=" + temporary(),
                        "-Djukvm.root=" + root,
                        "-Djukvm.terminal=" + true,
                        "-Dslf4j.internal.verbosity=ERROR",
                        "-cp",
                        classes,
                        main.getName()));
        line.addAll(List.of(arguments));
        return line;
    }
}
