package jukvm.cli.runtime;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import jukvm.error.ConfigException;

/**
 * The JVM that runs a guest in a container: the one that asks, with the same options, and so with
 * the same classes ready-made.
 *
 * @param command that starts {@code jukvm}, to which words are added
 * @param files what it needs, by where it is found in the container; each is a folder of the host
 */
record GuestJvm(List<String> command, Map<Path, Path> files) {
    private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");
    private static final String AS = "-Djukvm.as=";
    private static final String FOLDER = "-Djukvm.folder=";
    private static final String JAR = "-jar";

    // Where the dynamic linker looks that is told nothing; distributions differ.
    private static final List<String> LIBRARIES =
            List.of("/lib64", "/usr/lib64", "/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu");

    /** Returns that of this process, which the launcher has started. */
    static GuestJvm own() throws IOException {
        String line = Files.readString(COMMAND_LINE, StandardCharsets.UTF_8);
        return of(List.of(line.split("\0", -1)));
    }

    /**
     * Returns that of a JVM.
     *
     * @param line the command line by which the launcher started it
     */
    static GuestJvm of(List<String> line) throws IOException {
        int jar = line.indexOf(JAR);
        if (jar < 0 || jar + 1 >= line.size()) {
            throw new ConfigException("jukvm-runtime: start it by the launcher, as jukvm-runtime");
        }
        // Links of the host are none in the container.
        Path java = Path.of(line.get(0)).toRealPath();
        List<String> command = new ArrayList<>(List.of(java.toString()));
        for (String word : line.subList(1, jar + 2)) {
            if (!word.startsWith(AS) && !word.startsWith(FOLDER)) {
                command.add(word);
            }
        }
        Map<Path, Path> files = new LinkedHashMap<>();
        for (String folder : LIBRARIES) {
            add(files, Path.of(folder));
        }
        Path home = java.resolve("../..").normalize();
        add(files, home);
        // Debian has them in /etc.
        Path settings = home.resolve("conf/net.properties");
        if (Files.exists(settings)) {
            addBeside(files, home, settings.toRealPath().resolve("..").normalize());
        }
        Path app = Path.of(line.get(jar + 1)).resolve("..").normalize();
        add(files, app);
        Path start = app.resolve("start");
        if (Files.exists(start)) {
            addBeside(files, app.toRealPath(), start.toRealPath());
        }
        return new GuestJvm(command, files);
    }

    private static void addBeside(Map<Path, Path> files, Path folder, Path other)
            throws IOException {
        if (!other.startsWith(folder)) {
            add(files, other);
        }
    }

    private static void add(Map<Path, Path> files, Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            files.put(folder, folder.toRealPath());
        }
    }
}
