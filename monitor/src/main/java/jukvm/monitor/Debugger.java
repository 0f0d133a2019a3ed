package jukvm.monitor;

import jukvm.debug.GdbListener;

/**
 * Where gdb connects to one guest, by its remote protocol: {@code target remote PLACE}. Whoever
 * connects first commands the guest, and nobody else. While the guest waits for gdb, {@code
 * GuestSpec.notices} is told where; its deadline goes on. Thread-safe.
 */
public final class Debugger implements AutoCloseable {
    private final GdbListener listener;

    private Debugger(GdbListener listener) {
        this.listener = listener;
    }

    /**
     * Listens from now on; the guest waits at its entry until gdb has come and lets it go on.
     *
     * @param place {@code PORT} of the loopback address, {@code ADDRESS:PORT}, of which 0 is one
     *     that is free, or {@code unix:PATH}, a socket that is its user's own
     * @throws jukvm.error.ConfigException if it is none of these, or cannot be had
     */
    public static Debugger atEntry(String place) {
        return new Debugger(GdbListener.listen(place, false));
    }

    /**
     * Listens from now on; the guest runs, waits for gdb when it has faulted or aborted, and is
     * stopped where it is when gdb comes before.
     *
     * @param place as for {@link #atEntry}
     * @throws jukvm.error.ConfigException if it is no place, or cannot be had
     */
    public static Debugger onFault(String place) {
        return new Debugger(GdbListener.listen(place, true));
    }

    GdbListener listener() {
        return listener;
    }

    /** Returns where gdb connects, as it is told. */
    public String place() {
        return listener.place();
    }

    /** Listens no more; a guest that is stopped goes on. */
    @Override
    public void close() {
        listener.close();
    }
}
