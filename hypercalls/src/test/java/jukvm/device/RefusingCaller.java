package jukvm.device;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import jukvm.io.Requester;

/** A process that may do nothing; notes what is to be opened. */
final class RefusingCaller implements Requester {
    private static final int EACCES = 13;

    private final List<String> opened = new ArrayList<>();

    List<String> opened() {
        return opened;
    }

    @Override
    public int open(String path, int flags, int mode) {
        opened.add(path);
        return -EACCES;
    }

    @Override
    public int socket(int domain, int type) {
        return -EACCES;
    }

    @Override
    public int inherited(int number) {
        return -EACCES;
    }

    @Override
    public void giveBack(int fd) {}

    @Override
    public int ioctl(int fd, long request, ByteBuffer argument) {
        return -EACCES;
    }
}
