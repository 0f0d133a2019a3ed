package jukvm.debug;

import java.util.function.Consumer;
import jukvm.error.ConfigException;
import jukvm.error.HostException;
import jukvm.io.NewFile;
import jukvm.io.NewFiles;
import jukvm.io.Requester;
import jukvm.io.SparseOutput;

/**
 * The folder in which cores are written, which gdb opens with the guest's image. Thread-safe, but
 * for {@link #close}.
 */
public final class CoreFiles implements AutoCloseable {
    private static final int MAX_OF_A_NAME = 1000;

    private final NewFiles folder;
    private final String name;

    private CoreFiles(NewFiles folder, String name) {
        this.folder = folder;
        this.name = name;
    }

    /**
     * Opens the folder.
     *
     * @param caller with whose rights
     * @param path relative to the caller's directory
     * @param program that is named in theirs
     * @param process likewise, 0 for this one
     * @throws ConfigException if it cannot be opened, or written
     */
    public static CoreFiles in(Requester caller, String path, String program, long process) {
        try {
            long named = process == 0 ? ProcessHandle.current().pid() : process;
            return new CoreFiles(NewFiles.in(caller, path), "core." + program + "." + named);
        } catch (HostException e) {
            throw new ConfigException("core dumps: cannot write to " + e.getMessage());
        }
    }

    /**
     * Makes a file for a core and has it written; never over another. One that is not written whole
     * is removed.
     *
     * @return its path
     * @throws HostException if it cannot be made, and whatever the writer throws
     */
    public String write(Consumer<SparseOutput> writer) {
        for (int i = 1; i <= MAX_OF_A_NAME; i++) {
            String called = i == 1 ? name : name + "." + i;
            try (NewFile file = folder.create(called)) {
                if (file != null) {
                    write(writer, file, called);
                    return file.path();
                }
            }
        }
        throw new HostException(name, "there are " + MAX_OF_A_NAME + " of that name", 0, "");
    }

    private void write(Consumer<SparseOutput> writer, NewFile file, String called) {
        boolean isWhole = false;
        try {
            writer.accept(file);
            isWhole = true;
        } finally {
            if (!isWhole) {
                folder.remove(called);
            }
        }
    }

    @Override
    public void close() {
        folder.close();
    }
}
