package jukvm.cli.invoker;

import java.util.Optional;
import jukvm.error.HostException;
import jukvm.error.ImageException;
import jukvm.image.GuestImage;
import jukvm.io.HostFile;
import jukvm.io.Requester;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Snapshot;

/**
 * What a guest is made of.
 *
 * @param image its image
 * @param snapshot of such a guest, if it goes on from one
 */
public record GuestSource(GuestImage image, Optional<Snapshot> snapshot) {
    /**
     * Opens the file of a guest with the caller's rights.
     *
     * @throws ImageException if it cannot be opened; the message begins with the path
     */
    public static HostFile open(Requester caller, String path) {
        try {
            return HostFile.open(caller, path);
        } catch (HostException e) {
            throw ImageException.unreadable(path + ": cannot open: " + e.reason());
        }
    }

    /** Returns that of a guest which begins at its first instruction. */
    public static GuestSource of(GuestImage image) {
        return new GuestSource(image, Optional.empty());
    }

    /** Returns that of a guest which goes on from a snapshot. */
    public static GuestSource of(Snapshot snapshot) {
        return new GuestSource(snapshot.image(), Optional.of(snapshot));
    }

    /**
     * Returns the image of a guest that is to begin at its first instruction.
     *
     * @param path of it, for the message
     * @throws ImageException if it is a snapshot
     */
    public GuestImage imageAlone(String path) {
        if (snapshot.isPresent()) {
            throw ImageException.invalid(path + ": is a snapshot; jukvm run goes on from it");
        }
        return image;
    }

    /** Describes such a guest. */
    public GuestSpec spec() {
        return snapshot.map(GuestSpec::of).orElseGet(() -> GuestSpec.of(image));
    }
}
