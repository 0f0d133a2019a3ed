package jukvm.monitor;

import java.nio.file.Path;
import jukvm.abi.Dialect;
import jukvm.abi.PrivilegeLevel;
import jukvm.error.ConfigException;
import jukvm.image.GuestImage;
import jukvm.io.Requester;
import jukvm.replay.RecordingHeader;
import jukvm.replay.RecordingReader;
import jukvm.replay.RunControl;
import jukvm.replay.RunReplayer;
import jukvm.text.HostText;

/**
 * A run that was recorded by a {@link Recorder}: {@link GuestSpec#of(Recording, GuestImage)} does
 * it again, without devices. The file is hostile and checked whole when it is opened. For one
 * replay at a time.
 */
public final class Recording implements AutoCloseable {
    private final RecordingReader reader;

    private Recording(RecordingReader reader) {
        this.reader = reader;
    }

    /**
     * Opens a recording.
     *
     * @throws ConfigException if it cannot be read, or is damaged or none at all
     */
    public static Recording open(Path path) {
        return open(Requester.self(), HostText.of(path));
    }

    /** The same, with the rights of a caller. */
    @SuppressWarnings("exports") // For the modules of the library.
    public static Recording open(Requester caller, String path) {
        return new Recording(RecordingReader.open(caller, path));
    }

    RecordingHeader header() {
        return reader.header();
    }

    RunControl.Source source() {
        return RunReplayer.of(reader);
    }

    /** Refuses an image that it is not of. */
    void requireImage(GuestImage image) {
        String wanted = header().sha256();
        if (!image.sha256().equals(wanted)) {
            throw new ConfigException(
                    reader.name()
                            + ": is a recording of an image with sha256="
                            + wanted
                            + ", that of "
                            + image.name()
                            + " is "
                            + image.sha256());
        }
    }

    /** Returns what the image was called where it was recorded; hostile. */
    public String imageName() {
        return header().image();
    }

    /** Returns the SHA-256 of the image, 64 hexadecimal digits, not compressed. */
    public String imageSha256() {
        return header().sha256();
    }

    /** Returns the dialect that the guest was asked for as. */
    public Dialect dialect() {
        return header().dialect();
    }

    /** Returns the privilege level it ran at. */
    public PrivilegeLevel privilege() {
        return header().privilege();
    }

    /** Returns how often the guest asked for something that is recorded. */
    public long events() {
        return reader.events();
    }

    /**
     * Returns what became of the run, as its outcome says it; empty if that is not known, because
     * its recorder was stopped. Hostile.
     */
    public String end() {
        return reader.end().message();
    }

    @Override
    public void close() {
        reader.close();
    }
}
