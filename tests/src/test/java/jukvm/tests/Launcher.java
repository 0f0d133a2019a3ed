package jukvm.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/** The script jukvm, in a folder where it finds the jars just built and nothing to build. */
final class Launcher {
    private static final Path APP = Guests.ROOT.resolve("cli/target/jukvm").toAbsolutePath();

    private static final List<String> SHARED =
            List.of("cli/src/main/launcher/client.sh", "cli/src/main/launcher/launch.sh");

    private Launcher() {}

    /**
     * Installs the script, for the JDK that runs the tests, and returns its path. What it prepares
     * at its first use is there.
     */
    static Path install(Path folder) throws IOException, InterruptedException {
        Path app = app(folder.resolve("cli/target/jukvm"), "");
        for (String source : List.of("pom.xml", "native-stubs", "hypercalls", "monitor")) {
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
        for (String name : List.of("solo5-hvt", "solo5-hvt.1", "solo5-hvt.2")) {
            Files.createSymbolicLink(folder.resolve(name), Path.of("jukvm"));
        }
        assertEquals(0, Command.shell("exec " + script + " --version", "unused").status());
        return script;
    }

    private static Path copy(String file, Path folder) throws IOException {
        return Files.copy(
                Guests.ROOT.resolve(file),
                folder.resolve(file),
                StandardCopyOption.COPY_ATTRIBUTES);
    }

    /** Makes a folder of the jars, but for those whose names begin with a word. */
    static Path app(Path folder, String without) throws IOException {
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

    /** Adds the client of the daemon to such a folder; returns whether it was built. */
    static boolean addClient(Path app) throws IOException {
        Path client = APP.resolve("client");
        if (Files.notExists(client)) {
            return false;
        }
        Files.copy(client, app.resolve("client"), StandardCopyOption.COPY_ATTRIBUTES);
        return true;
    }
}
