package jukvm.cli.daemon;

import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import jukvm.daemon.Client;
import jukvm.daemon.ClientListener;
import jukvm.daemon.DaemonFolder;
import jukvm.daemon.DaemonLink;
import jukvm.error.HostException;
import jukvm.io.SparseOutput;
import org.jspecify.annotations.Nullable;

/**
 * Where the daemon of a user is found: a folder that nobody else can enter, {@code jukvm} in
 * XDG_RUNTIME_DIR, else {@code /tmp/jukvm-UID}. The client computes the same.
 *
 * @param folder that belongs to this user
 */
record DaemonPlace(Path folder) {
    static final String VARIABLE = "XDG_RUNTIME_DIR";

    /** Returns the place of this user's daemon, which may not be there yet. */
    static DaemonPlace ofUser() {
        return of(System.getenv(VARIABLE));
    }

    /**
     * Returns that of this user where the environment names a folder for it.
     *
     * @param runtime that folder, null if none is named; passed over if it is not a whole path
     */
    static DaemonPlace of(@Nullable String runtime) {
        return new DaemonPlace(
                runtime == null || !runtime.startsWith("/")
                        ? Path.of("/tmp/jukvm-" + Integer.toUnsignedString(ClientListener.user()))
                        : Path.of(runtime, "jukvm"));
    }

    Path socket() {
        return folder.resolve("daemon");
    }

    Path log() {
        return folder.resolve("daemon.log");
    }

    /**
     * Asks the daemon that is found there.
     *
     * @return none if there is none, or it does not answer
     * @throws jukvm.error.ConfigException if the folder is not to be trusted
     */
    Optional<DaemonLink.Answer> ask(Client.Request request) {
        Optional<DaemonFolder> found = DaemonFolder.find(folder);
        found.ifPresent(DaemonFolder::close);
        return found.isEmpty() ? Optional.empty() : DaemonLink.ask(socket(), request);
    }

    /**
     * Has the daemon that is found there send a core of the guest of one of its clients.
     *
     * @param pid the client's process
     * @param longest how long it may be, in bytes
     * @throws jukvm.error.JukvmException if there is none to be had, or it does not come whole
     */
    void copyCore(int pid, SparseOutput to, long longest) {
        DaemonFolder.find(folder).ifPresent(DaemonFolder::close);
        DaemonLink.copyCore(socket(), pid, to, longest);
    }

    /**
     * Takes the place for one daemon, and makes it if it is not there.
     *
     * @param lent the descriptor of the socket in it, if a service manager lends one
     * @return none if another daemon has it
     * @throws jukvm.error.ConfigException if the folder cannot be used
     */
    Optional<Taken> take(OptionalInt lent) {
        DaemonFolder opened = DaemonFolder.make(folder);
        try {
            if (opened.lock()) {
                Taken taken = new Taken(this, opened, lent);
                taken.removeSocket(); // Whoever left one there has not the lock any more.
                return Optional.of(taken);
            }
        } catch (HostException e) {
            opened.close();
            throw e;
        }
        opened.close();
        return Optional.empty();
    }

    /** Returns whether a daemon has it now. */
    boolean isTaken() {
        try (DaemonFolder opened = DaemonFolder.make(folder)) {
            return opened.isLocked();
        }
    }

    /**
     * A place that no other daemon can take.
     *
     * @param held whose lock goes with the process at the latest
     * @param lent the descriptor of the socket, if it is a service manager's
     */
    record Taken(DaemonPlace place, DaemonFolder held, OptionalInt lent) {
        /** Listens for clients; see {@link ClientListener#open} and {@link ClientListener#lent}. */
        ClientListener listen(int idleSeconds) {
            ClientListener listener =
                    lent.isPresent()
                            ? ClientListener.lent(place.socket(), lent.getAsInt(), idleSeconds)
                            : ClientListener.open(place.socket(), idleSeconds);
            held.noteSocket();
            return listener;
        }

        /** Gives the place back. */
        void leave() {
            removeSocket();
            held.close();
        }

        private void removeSocket() {
            if (lent.isEmpty()) {
                held.removeSocket();
            }
        }
    }
}
