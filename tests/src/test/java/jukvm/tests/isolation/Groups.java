package jukvm.tests.isolation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import jukvm.sandbox.ControlGroups;

/** The control groups that processes have for their workers, as the host sees them. */
final class Groups {
    private static final Path ALL = Path.of("/sys/fs/cgroup");
    private static final int DEPTH = 12;

    private Groups() {}

    /** Returns whether this process may make any. */
    static boolean areThere() {
        try (ControlGroups groups = ControlGroups.open()) {
            return groups.missing().isEmpty();
        }
    }

    /** Returns the folders of those in which a process has the groups of its workers. */
    static List<Path> of(long process) throws IOException {
        String prefix = "jukvm-" + process + "-";
        // Others' come and go meanwhile.
        Process find =
                new ProcessBuilder("find", ALL + "", "-maxdepth", "" + DEPTH, "-name", prefix + "*")
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        try (Stream<String> lines = find.inputReader().lines()) {
            return lines.map(Path::of).sorted().toList();
        }
    }

    /** Returns what a file of a worker's group says, in whichever hierarchy it is. */
    static List<String> file(long process, String name) throws IOException {
        try (Stream<Path> all =
                of(process).stream().flatMap(Groups::within).map(one -> one.resolve(name))) {
            return all.filter(Files::exists).map(Groups::read).toList();
        }
    }

    private static Stream<Path> within(Path folder) {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(Files::isDirectory).toList().stream();
        } catch (IOException e) {
            return Stream.of();
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            return "";
        }
    }
}
