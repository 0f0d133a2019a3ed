package jukvm.tests.support;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.function.Executable;

/** The script jukvm, in a folder where it finds the jars just built and nothing to build. */
public final class Launcher {
    private static final Path APP = Guests.ROOT.resolve("cli/target/jukvm").toAbsolutePath();
    private static final String INSTALLED = "cli/target/jukvm";
    private static final String HELLO = "guest-images/prebuilt/hello.ukvm";

    private static final List<String> SHARED =
            List.of(
                    "cli/src/main/launcher/client.sh",
                    "cli/src/main/launcher/launch.sh",
                    "cli/src/main/launcher/network.sh",
                    "cli/src/main/launcher/runtime.sh");

    private Launcher() {}

    /** The one that is made once in this JVM, since to prepare the classes of a run takes long. */
    private static final class Common {
        static final Path SCRIPT = make();
        static final List<String> ARCHIVE = archive();

        private static List<String> archive() {
            boolean isNew = Runtime.version().feature() >= 25;
            try (Stream<Path> files = Files.walk(app(SCRIPT).resolve("start"))) {
                return files.filter(file -> file.endsWith("run") || file.endsWith("refusal"))
                        .filter(file -> file.toFile().isFile() && file.toFile().length() > 0)
                        .findFirst()
                        .map(
                                file ->
                                        isNew
                                                ? List.of(
                                                        "-XX:AOTCache=" + file,
                                                        "-Xlog:aot*=off:stderr")
                                                : List.of("-XX:SharedArchiveFile=" + file))
                        .orElse(List.of());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static Path make() {
            try {
                Path folder = Files.createTempDirectory("installed").toRealPath();
                Thread remove = new Thread(() -> remove(folder), "remove " + folder);
                Runtime.getRuntime().addShutdownHook(remove);
                Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
                Path script = tree(folder);
                withHello(script, () -> assertGood(Command.sh("exec " + script + " --version")));
                return script;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static void assertGood(Command run) {
            assertEquals(0, run.status(), run::toString);
        }
    }

    /**
     * Does something while the guest is in the common installation with which a daemon warms up:
     * for seconds, so that it is not there otherwise.
     */
    public static void withHello(Executable action) throws IOException {
        withHello(common(), action);
    }

    private static void withHello(Path script, Executable action) throws IOException {
        Path hello = script.resolveSibling(HELLO);
        Files.createDirectories(hello.getParent());
        Files.copy(Guests.ROOT.resolve(HELLO), hello);
        try {
            assertDoesNotThrow(action);
        } finally {
            Files.delete(hello);
        }
    }

    /**
     * Returns the script of an installation that all tests of this JVM share and that none changes.
     * Everybody may read it. What it prepares at its first use is there.
     */
    public static Path common() {
        return Common.SCRIPT;
    }

    /** Returns the folder of the jars beside a script. */
    public static Path app(Path script) {
        return script.resolveSibling(INSTALLED);
    }

    /** Returns the options that give a JVM of the common installation its classes ready-made. */
    public static List<String> archive() {
        return Common.ARCHIVE;
    }

    /**
     * Installs the script in a folder, for the JDK that runs the tests, and returns its path. A
     * file of what it prepares at its first use is there, which is of the common one: a JVM may
     * pass over it.
     */
    public static Path install(Path folder) throws IOException {
        Path script = tree(folder.toRealPath());
        Path start = app(common()).resolve("start");
        try (Stream<Path> files = Files.walk(start)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                // Its name is of where it is for.
                String name = file.toString().replace(app(common()) + "", app(script) + "");
                Files.createDirectories(Path.of(name).getParent());
                Files.copy(file, Path.of(name), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        return script;
    }

    private static Path tree(Path folder) throws IOException {
        Path app = app(folder.resolve(INSTALLED), "");
        if (Files.exists(APP.resolve("client"))) {
            Files.copy(
                    APP.resolve("client"),
                    app.resolve("client"),
                    StandardCopyOption.COPY_ATTRIBUTES);
        }
        for (String source : List.of("pom.xml", "bom", "native-stubs", "hypercalls", "monitor")) {
            Files.createFile(folder.resolve(source));
        }
        Files.writeString(app.resolve(".built"), System.getProperty("java.home") + "\n");
        Path start = Files.createDirectory(app.resolve("start"));
        Files.writeString(start.resolve(".java"), System.getProperty("java.home") + "\n");
        for (String shared : SHARED) {
            Files.createDirectories(folder.resolve(shared).getParent());
            copy(shared, folder);
        }
        Path script = copy("jukvm", folder);
        for (String name :
                List.of(
                        "solo5-hvt",
                        "solo5-hvt-debug",
                        "solo5-hvt.1",
                        "solo5-hvt.2",
                        "jukvm-runtime")) {
            Files.createSymbolicLink(folder.resolve(name), Path.of("jukvm"));
        }
        return script;
    }

    private static Path copy(String file, Path folder) throws IOException {
        return Files.copy(
                Guests.ROOT.resolve(file),
                folder.resolve(file),
                StandardCopyOption.COPY_ATTRIBUTES);
    }

    /** Makes a folder of the jars, but for those whose names begin with a word. */
    public static Path app(Path folder, String without) throws IOException {
        Path lib = Files.createDirectories(folder.resolve("lib"));
        // Copied: a link's target would be where the JVM looks for the others.
        Files.copy(APP.resolve("jukvm.jar"), folder.resolve("jukvm.jar"));
        try (Stream<Path> jars = Files.list(APP.resolve("lib"))) {
            for (Path jar : jars.toList()) {
                String name = jar.getFileName().toString();
                if (without.isEmpty() || !name.startsWith(without)) {
                    Files.copy(jar, lib.resolve(name));
                }
            }
        }
        return folder;
    }

    /** Removes a folder and all in it, if it is there. */
    public static void remove(Path folder) {
        if (Files.notExists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
