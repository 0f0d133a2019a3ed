package jukvm.monitor;

import java.nio.file.Path;
import java.util.function.Consumer;
import jukvm.debug.CoreFiles;
import jukvm.debug.CoreImage;
import jukvm.io.Requester;
import jukvm.io.SparseOutput;
import jukvm.text.HostText;

/**
 * A folder for the cores of guests: ELF files that gdb opens with the guest's image. A core is
 * called {@code core.jukvm.PID}, or {@code core.jukvm.PID.2} and so on if there is one, is for its
 * owner alone, and is as long as guest memory, of which what was never used takes no room.
 * Thread-safe.
 */
public final class CoreDumps implements AutoCloseable {
    /** How long the longest core is, in bytes. */
    public static final long LONGEST = CoreImage.LONGEST;

    private final CoreFiles files;

    private CoreDumps(CoreFiles files) {
        this.files = files;
    }

    /**
     * Opens a folder.
     *
     * @throws jukvm.error.ConfigException if it cannot be opened, or written
     */
    public static CoreDumps in(Path folder) {
        return in(Requester.self(), HostText.of(folder), "jukvm");
    }

    /** The same, with the rights of a caller, and another program in the names. */
    @SuppressWarnings("exports") // For the modules of the library.
    public static CoreDumps in(Requester caller, String folder, String program) {
        return in(caller, folder, program, caller.process());
    }

    /** The same, with the number of another process in the names. */
    @SuppressWarnings("exports") // For the modules of the library.
    public static CoreDumps in(Requester caller, String folder, String program, long process) {
        return new CoreDumps(CoreFiles.in(caller, folder, program, process));
    }

    /**
     * Makes a file, has it written, and removes it if that fails.
     *
     * @return its path
     * @throws jukvm.error.HostException if it cannot be made, and whatever the writer throws
     */
    @SuppressWarnings("exports") // For the modules of the library.
    public String write(Consumer<SparseOutput> writer) {
        return files.write(writer);
    }

    CoreFiles files() {
        return files;
    }

    /** Writes no more; once the guests that have it have ended. */
    @Override
    public void close() {
        files.close();
    }
}
