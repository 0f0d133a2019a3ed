package jukvm.cli.invoker;

import java.io.PrintWriter;
import java.util.List;
import java.util.OptionalLong;
import jukvm.daemon.SignalTarget;
import jukvm.guest.Timeline;
import jukvm.image.GuestImage;
import jukvm.io.Requester;
import jukvm.stream.StandardInput;
import jukvm.stream.StandardOutput;

/**
 * On whose behalf a guest is run: the process's own, or that of another which asked for it. Used by
 * the thread that runs the guest.
 */
public interface Invoker {
    /** Returns whose rights open what the command line names. */
    Requester caller();

    /** Returns where the operator is told what is not the guest's to say. */
    PrintWriter err();

    /** Opens the standard input, which is closed by whoever asks for it. */
    StandardInput stdin();

    /** Says that the run is to end: no line for the operator waits for long from now on. */
    void hurry();

    /** Opens the guest's console, which is closed by whoever asks for it. */
    StandardOutput stdout();

    /**
     * Returns one of its standard streams as a descriptor of this process, which stays open.
     *
     * @param number 0, 1 or 2
     */
    int stream(int number);

    /**
     * Returns the monitor that the guest runs in.
     *
     * @throws jukvm.error.HostException if it cannot be opened, or the invoker may not run guests
     */
    MonitorLease monitor();

    /** Returns how many processors the guest may use, more than 0; infinite for all it gets. */
    default double processors() {
        return Double.POSITIVE_INFINITY;
    }

    /**
     * Returns the image in a file, read now or earlier.
     *
     * @throws jukvm.error.ImageException if the invoker may not read it, or it is none
     */
    GuestImage image(String path);

    /**
     * Returns what a guest is made of: the image in a file, or the snapshot in it, read now or
     * earlier.
     *
     * @throws jukvm.error.ImageException if the invoker may not read it, or it is neither
     * @throws jukvm.error.ConfigException if this host is not of the kind of a snapshot's
     */
    default GuestSource guest(String path) {
        return GuestSource.of(image(path));
    }

    /** Notes that an image was fetched, which may be smaller than what was set aside for it. */
    default void fetched(GuestImage image) {}

    /**
     * Has a run do what signals ask for, at once if one has come already, until closed. What stops
     * this very process and lets it go on is no affair of it.
     */
    SignalWatch onSignal(SignalTarget run);

    /** Returns whether this process is for the one run alone, and may be sealed for it. */
    default boolean isAlone() {
        return false;
    }

    /** Opens what is else opened when there is something to say. */
    default void prepareToSeal() {}

    /** Returns when our code began with the command, by {@link System#nanoTime}. */
    long begun();

    /** Returns the phases up to then, for {@code --time}. */
    List<Timeline.Phase> before();

    /**
     * Returns how long before a moment the invoker's process began, in nanoseconds; empty if that
     * is not known.
     *
     * @param nanoTime the moment, by {@link System#nanoTime}
     */
    OptionalLong startedBefore(long nanoTime);
}
