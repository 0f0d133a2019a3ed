package jukvm.cli.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import jukvm.daemon.ClientListener;
import jukvm.error.ConfigException;
import jukvm.io.SparseOutput;
import jukvm.monitor.CoreDumps;
import jukvm.process.CoreRequest;
import jukvm.text.Printable;

/**
 * A process that has a guest run: a JVM of its own, or a client of the daemon. Whether the guest
 * has begun, or ended, is not known of it. Source: proc(5).
 *
 * @param pid of the process
 * @param isClient whether it is the daemon that runs the guest
 * @param words of the command line, without those of the JVM
 */
record RunProcess(long pid, boolean isClient, List<String> words) {
    private static final String CLIENT = "client";
    private static final int ROOT = 0;

    /**
     * Returns the one that is meant.
     *
     * @param named its number, or how its guest was named when it was started
     * @throws ConfigException if there is none, or not one alone
     */
    static RunProcess find(String named) {
        String shown = Printable.of(named);
        if (named.matches("[0-9]{1,9}")) {
            return of(Long.parseLong(named))
                    .orElseThrow(
                            () ->
                                    new ConfigException(
                                            "process " + shown + " runs no guest of jukvm"));
        }
        List<RunProcess> found =
                ProcessHandle.allProcesses()
                        .filter(process -> !process.equals(ProcessHandle.current()))
                        .flatMap(process -> of(process.pid()).stream())
                        .filter(process -> process.isOurs() && process.isCalled(named))
                        .toList();
        if (found.size() == 1) {
            return found.get(0);
        }
        List<Long> numbers = found.stream().map(RunProcess::pid).toList();
        throw new ConfigException(
                found.isEmpty()
                        ? "no guest that runs was started as '" + shown + "'; give its process"
                        : "'" + shown + "' was started several times: processes " + numbers);
    }

    private static Optional<RunProcess> of(long pid) {
        try {
            List<String> words = DaemonProcess.words(folder(pid).resolve("cmdline"));
            return of(pid, words);
        } catch (IOException e) {
            return Optional.empty(); // It has ended, or cannot be seen from here.
        }
    }

    /** Returns that of a process with a command line; none if that runs no guest. */
    static Optional<RunProcess> of(long pid, List<String> words) {
        if (Path.of(words.get(0)).endsWith(CLIENT) && words.size() > 2) {
            return Optional.of(new RunProcess(pid, true, words.subList(2, words.size())));
        }
        int jar = words.indexOf("-jar") + 1;
        boolean isOurs =
                jar > 0
                        && jar + 1 < words.size()
                        && Path.of(words.get(jar)).endsWith(DaemonProcess.JAR)
                        && !words.get(jar + 1).equals(DaemonCommand.NAME);
        return isOurs
                ? Optional.of(new RunProcess(pid, false, words.subList(jar + 1, words.size())))
                : Optional.empty();
    }

    private static Path folder(long pid) {
        return Path.of("/proc", Long.toString(pid));
    }

    private boolean isOurs() {
        try {
            int user = ClientListener.user();
            return user == ROOT || Files.getAttribute(folder(pid), "unix:uid").equals(user);
        } catch (IOException e) {
            return false;
        }
    }

    /** Returns whether a word names a guest so, by its path or the end of that. */
    boolean isCalled(String guest) {
        return words.stream().anyMatch(word -> word.equals(guest) || word.endsWith("/" + guest));
    }

    /**
     * Has it write a core of its guest.
     *
     * @throws jukvm.error.JukvmException if there is none to be had, or it does not come whole
     */
    void copyCore(SparseOutput to) {
        if (isClient) {
            DaemonPlace.ofUser().copyCore((int) pid, to, CoreDumps.LONGEST);
        } else {
            CoreRequest.copy(pid, to, CoreDumps.LONGEST);
        }
    }
}
