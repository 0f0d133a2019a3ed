package jukvm.testing;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.function.IntPredicate;
import jukvm.io.Requester;
import jukvm.libc.Errno;

/** This process, but for some requests, which it refuses with EACCES; notes what it is asked. */
public final class PartialCaller implements Requester {
    private final Requester self = Requester.self();
    private final IntPredicate refused;
    private final IntConsumer opened;
    private final List<String> asked = new ArrayList<>();

    /**
     * @param refused by the request's number, from 0
     */
    public PartialCaller(IntPredicate refused) {
        this(refused, fd -> {});
    }

    private PartialCaller(IntPredicate refused, IntConsumer opened) {
        this.refused = refused;
        this.opened = opened;
    }

    /** Returns one that refuses nothing and tells of each descriptor that it opens. */
    public static PartialCaller telling(IntConsumer opened) {
        return new PartialCaller(number -> false, opened);
    }

    /** Returns one that refuses everything. */
    public static PartialCaller refusing() {
        return new PartialCaller(number -> true);
    }

    /** Returns what it was asked for, as in {@code open /dev/null 0x802}. */
    public List<String> asked() {
        return asked;
    }

    private boolean refuses(String request) {
        asked.add(request);
        return refused.test(asked.size() - 1);
    }

    @Override
    public int open(String path, int flags, int mode) {
        String request = "open " + path + " 0x" + Integer.toHexString(flags);
        if (refuses(request)) {
            return -Errno.EACCES;
        }
        int fd = self.open(path, flags, mode);
        opened.accept(fd);
        return fd;
    }

    @Override
    public int socket(int domain, int type) {
        return refuses("socket") ? -Errno.EACCES : self.socket(domain, type);
    }

    @Override
    public int inherited(int number) {
        return refuses("inherited " + number) ? -Errno.EACCES : self.inherited(number);
    }

    @Override
    public void giveBack(int fd) {
        asked.add("giveBack " + fd);
        self.giveBack(fd);
    }

    @Override
    public int ioctl(int fd, long number, ByteBuffer argument) {
        String request = "ioctl 0x" + Long.toHexString(number);
        return refuses(request) ? -Errno.EACCES : self.ioctl(fd, number, argument);
    }
}
