package jukvm.monitor;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import jukvm.abi.Dialect;
import jukvm.abi.PrivilegeLevel;
import jukvm.device.MacAddress;
import jukvm.error.HostException;
import jukvm.image.GuestImage;
import jukvm.io.HostFile;
import jukvm.io.Requester;
import jukvm.memory.GuestMemory;
import jukvm.snapshot.SnapshotReader;
import jukvm.snapshot.SnapshotWriter;
import jukvm.text.HostText;
import jukvm.vm.SnapshotOrigin;
import jukvm.vm.SnapshotState;

/**
 * A guest that was stopped at a point of its life, from which any number of clones go on: {@link
 * Monitor#snapshot} takes it, {@link GuestSpec#of(Snapshot)} starts clones. Memory is shared
 * copy-on-write, so a clone costs what it changes.
 *
 * <p>What clones share is more than most guests expect. <b>Entropy:</b> a random generator that was
 * seeded before the point gives every clone the same numbers, unless the guest has a seed ({@link
 * GuestImage#seed}) and seeds again when that is another; keys that it had are the same in any
 * case. <b>Clocks:</b> the wall clock is right in each clone; the time-stamp counter goes on where
 * it was or later, so that a clone's monotonic clock may jump, but never back. <b>Devices:</b> a
 * clone has devices of its own, by the same names, with the same addresses and sizes, since the
 * guest knows them already; what it had read of them, or written to them, before the point is as it
 * was then. <b>Arguments</b> were read before.
 *
 * <p>Thread-safe.
 */
public final class Snapshot implements AutoCloseable {
    /** How many bytes of a file tell that it is one. */
    public static final int BEGINNING = 8;

    private final SnapshotState state;

    /**
     * What there is to say of a snapshot where no clone is to run.
     *
     * @param image of its guest
     * @param dialect that this speaks
     * @param privilege that this runs at
     * @param memory of this in bytes
     */
    public record Summary(
            GuestImage image, Dialect dialect, PrivilegeLevel privilege, long memory) {}

    Snapshot(SnapshotState state) {
        this.state = state;
    }

    SnapshotState state() {
        return state;
    }

    /**
     * Returns whether a file begins as a snapshot does.
     *
     * @throws HostException if it cannot be read
     */
    @SuppressWarnings("exports") // For the modules of the library.
    public static boolean isIn(HostFile file) {
        // Most images are not: for them nothing is read, and no class loaded.
        return file.size() % GuestMemory.PAGE == 0 && SnapshotReader.isSnapshot(file);
    }

    /**
     * Returns what a snapshot's file says, all of whose sums are compared; on any host.
     *
     * @param name for messages
     * @param in the file, from its beginning; hostile; stays open
     * @param size of it in bytes
     * @throws jukvm.error.ImageException if it is no snapshot, or damaged; the message begins with
     *     the name
     * @throws IOException if it cannot be read, or is shorter
     */
    public static Summary summary(String name, InputStream in, long size) throws IOException {
        SnapshotOrigin origin = SnapshotReader.check(name, in, size);
        return new Summary(origin.image(), origin.dialect(), origin.privilege(), origin.memory());
    }

    /** Returns whether a file begins as a snapshot does, by its first {@link #BEGINNING} bytes. */
    @SuppressWarnings("exports") // For the modules of the library.
    public static boolean isBeginning(ByteBuffer beginning) {
        return SnapshotReader.isBeginning(beginning);
    }

    /** Returns the image of each clone. */
    public GuestImage image() {
        return state.image();
    }

    /** Returns the memory of each clone, in bytes. */
    public long memory() {
        return state.memory();
    }

    /** Returns how much memory of the host it takes itself, in bytes: pages that are not zero. */
    public long bytes() {
        return state.template().bytes();
    }

    /**
     * Returns the hardware address that the guest was told an interface of its has.
     *
     * @param device name of the interface
     * @return empty if it was told of none
     */
    public Optional<MacAddress> mac(String device) {
        return state.image().manifest().mac(state.origin().devices(), device);
    }

    /**
     * Writes it to a file that was not there, for its owner alone: whole, or not at all. {@link
     * Monitor#openSnapshot} goes on from it, in another process, after a restart of the host, on
     * others of its kind. The file has the guest's memory in it, with all that is secret there.
     *
     * @throws HostException if there is a file of this name, or it cannot be written
     * @throws IllegalStateException if it is closed
     */
    public void write(Path file) {
        write(Requester.self(), HostText.of(file), false);
    }

    /**
     * Writes it to a file, in place of one that has this name if there is one: as {@link #write},
     * and until it is whole that one is there. Who has opened that is not concerned.
     *
     * @throws HostException if it cannot be written
     * @throws IllegalStateException if it is closed
     */
    public void replace(Path file) {
        write(Requester.self(), HostText.of(file), true);
    }

    /** Writes it with the caller's rights. */
    @SuppressWarnings("exports") // For the modules of the library.
    public void write(Requester caller, String path, boolean mayReplace) {
        SnapshotWriter.write(state, caller, path, mayReplace);
    }

    /** Gives its memory back. Clones that run are not concerned; others cannot be started. */
    @Override
    public void close() {
        state.close();
    }
}
