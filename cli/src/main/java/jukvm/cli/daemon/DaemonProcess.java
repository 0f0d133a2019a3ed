package jukvm.cli.daemon;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import jukvm.daemon.ClientListener;

/**
 * The daemons of this user by their processes, for one whose socket is gone: it was removed, or the
 * daemon leaves it to the next and ends when its guests have ended. Source: proc(5).
 */
final class DaemonProcess {
    private static final Path PROC = Path.of("/proc");
    static final String JAR = "jukvm.jar";

    private DaemonProcess() {}

    /**
     * Returns the daemons of a place that are seen from here.
     *
     * @param known the process of one that is not asked for
     */
    static List<ProcessHandle> others(DaemonPlace place, long known) {
        return ProcessHandle.allProcesses()
                .filter(process -> process.pid() != known)
                .filter(process -> !process.equals(ProcessHandle.current()))
                .filter(process -> isOf(place, PROC.resolve(Long.toString(process.pid()))))
                .toList();
    }

    private static boolean isOf(DaemonPlace place, Path process) {
        try {
            return isDaemon(words(process.resolve("cmdline")))
                    && Files.getAttribute(process, "unix:uid").equals(ClientListener.user())
                    && place.equals(DaemonPlace.of(runtime(words(process.resolve("environ")))))
                    && isSame(process, "ns/mnt")
                    && isSame(process, "root");
        } catch (IOException e) {
            return false; // It has ended, or is not ours to look at.
        }
    }

    /** Returns whether a process of this command line is a daemon. */
    static boolean isDaemon(List<String> words) {
        int at = Collections.indexOfSubList(words, List.of(DaemonCommand.NAME, "serve"));
        return at > 1
                && words.get(at - 2).equals("-jar")
                && Path.of(words.get(at - 1)).endsWith(JAR);
    }

    private static String runtime(List<String> environment) {
        String prefix = DaemonPlace.VARIABLE + "=";
        Optional<String> setting =
                environment.stream().filter(each -> each.startsWith(prefix)).findFirst();
        return setting.map(each -> each.substring(prefix.length())).orElse("");
    }

    static List<String> words(Path file) throws IOException {
        return List.of(new String(Files.readAllBytes(file), UTF_8).split("\0"));
    }

    /** Returns whether a process and this one have the same of something in their folders there. */
    static boolean isSame(Path process, String file) throws IOException {
        return Files.isSameFile(process.resolve(file), PROC.resolve("self").resolve(file));
    }
}
