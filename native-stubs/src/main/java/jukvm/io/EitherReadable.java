package jukvm.io;

import jukvm.host.Pollable;
import jukvm.libc.EpollSet;

/**
 * Two things to wait for as one: readable while one of both is. Closing it leaves both open. Used
 * by one thread at a time.
 */
public final class EitherReadable extends Pollable implements AutoCloseable {
    private final EpollSet set;

    private EitherReadable(EpollSet set) {
        super(set.fd());
        this.set = set;
    }

    /**
     * Makes one of both, which stay open for as long as it is.
     *
     * @throws jukvm.error.HostException if the host has no descriptor or memory for it
     */
    public static EitherReadable of(Pollable one, Pollable other) {
        EpollSet set = EpollSet.open();
        try {
            set.add(0, one.fd());
            set.add(1, other.fd());
            return new EitherReadable(set);
        } catch (RuntimeException e) {
            set.close();
            throw e;
        }
    }

    @Override
    public void close() {
        set.close();
    }
}
