package jukvm.cli.invoker;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import jukvm.error.ConfigException;
import jukvm.io.FileId;
import jukvm.io.Requester;
import jukvm.stream.OutputFile;

/**
 * The files that a run writes: none may be one that it reads, or another that it writes, whatever
 * path, link, node or descriptor leads to it. Opened by one thread.
 */
public final class Outputs {
    /** The option that names what is written when the guest has ended. */
    public static final String REPORT = "--report";

    private static final String STDIN = "standard input";
    private static final String STDOUT = "standard output";
    private static final String STDERR = "standard error";

    private final Invoker invoker;
    private final Requester caller;
    private final Map<String, String> inputs;
    private final Map<FileId, String> opened = new LinkedHashMap<>();

    // The standard streams that keep what is written.
    private final Optional<FileId> out;
    private final Optional<FileId> err;

    /**
     * Makes it and looks at the standard streams, but opens nothing.
     *
     * @param image path of the guest, if it is one
     * @param disks what messages call them, by their paths
     */
    public Outputs(Invoker invoker, Optional<String> image, Map<String, String> disks) {
        this.invoker = invoker;
        this.caller = invoker.caller();
        this.inputs = new LinkedHashMap<>(disks);
        image.ifPresent(path -> inputs.put(path, "the guest"));
        this.out = kept(1);
        this.err = kept(2);
    }

    /**
     * Refuses standard streams that would be written into what the run reads.
     *
     * @return false if standard error would be, and nothing can be said
     * @throws ConfigException if standard output would be
     */
    public boolean checkStreams() {
        try {
            err.ifPresent(file -> requireNoInput(STDERR, file));
        } catch (ConfigException e) {
            return false;
        }
        out.filter(file -> !err.equals(Optional.of(file)))
                .ifPresent(file -> requireNoInput(STDOUT, file));
        return true;
    }

    /**
     * Opens a file, empty.
     *
     * @param option that names it, for messages
     * @throws ConfigException if the run reads it, or writes it already
     * @throws IOException if it cannot be written
     */
    public OutputFile open(String option, String path) throws IOException {
        return new OutputFile(caller, path, file -> add(option, path, file));
    }

    /**
     * Returns whether a file grows by what the guest does: a standard stream that is one, or what
     * was opened here but the report.
     */
    public boolean mayGrow() {
        for (String option : opened.values()) {
            if (!option.equals(REPORT)) {
                return true;
            }
        }
        return out.isPresent() || err.isPresent();
    }

    private Optional<FileId> kept(int stream) {
        return FileId.of(invoker.stream(stream)).filter(FileId::isKept);
    }

    private void add(String option, String path, FileId file) {
        if (!file.isKept()) {
            return; // What is written there is not there afterwards.
        }
        String what = option + ": " + path;
        requireNoInput(what, file);
        requireOther(what, file, FileId.of(invoker.stream(0)), STDIN);
        requireOther(what, file, FileId.of(invoker.stream(1)), STDOUT);
        requireOther(what, file, FileId.of(invoker.stream(2)), STDERR);
        String other = opened.putIfAbsent(file, option);
        if (other != null) {
            throw same(what, other);
        }
    }

    // Looked at anew each time: what was not there may be there by now, made by us.
    private void requireNoInput(String what, FileId file) {
        inputs.forEach(
                (path, name) -> {
                    Optional<FileId> input = FileId.of(caller, path);
                    requireOther(what, file, input, name);
                    requireOther(what, file, input.flatMap(disk -> disk.backing(caller)), name);
                });
    }

    private static void requireOther(
            String what, FileId file, Optional<FileId> other, String name) {
        if (other.filter(file::equals).isPresent()) {
            throw same(what, name);
        }
    }

    private static ConfigException same(String what, String other) {
        return new ConfigException(what + ": is the same file as " + other + "; name another");
    }
}
