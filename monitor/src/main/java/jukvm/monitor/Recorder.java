package jukvm.monitor;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Path;
import jukvm.error.ConfigException;
import jukvm.io.Requester;
import jukvm.replay.RunControl;
import jukvm.replay.RunRecorder;
import jukvm.stream.OutputFile;
import jukvm.text.HostText;

/**
 * A file that one run is recorded to, for a {@link Recording} to be made of. It is written while
 * the guest runs, so what there is of it is good whatever ends this process. Thread-safe.
 */
public final class Recorder implements AutoCloseable {
    private final OutputFile file;
    private final RunControl.Source source;

    private Recorder(OutputFile file) {
        this.file = file;
        this.source = RunRecorder.to(file);
    }

    /**
     * Opens a file, which is created, or emptied if it exists.
     *
     * @throws ConfigException if it cannot be written
     */
    public static Recorder to(Path path) {
        try {
            return new Recorder(new OutputFile(Requester.self(), HostText.of(path)));
        } catch (FileNotFoundException e) {
            throw new ConfigException("recording: cannot write: " + e.getMessage());
        }
    }

    /** Records to a file that is open, and closed with this. */
    @SuppressWarnings("exports") // For the modules of the library.
    public static Recorder to(OutputFile file) {
        return new Recorder(file);
    }

    /** Waits no more for whoever reads it, if it is a pipe; from any thread. */
    public void stopWaiting() {
        file.stopWaiting();
    }

    RunControl.Source source() {
        return source;
    }

    /**
     * Closes the file; once the guest has ended.
     *
     * @throws ConfigException if that fails
     */
    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw new ConfigException("recording: cannot be closed: " + e.getMessage());
        }
    }
}
