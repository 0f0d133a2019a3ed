package jukvm.kvm;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jukvm.libc.Mapping;

/** A page through which a VM talks to the kernel. Kept for the next VM when one is closed. */
final class VmArena implements AutoCloseable {
    static final int SIZE = 4096;

    private static final byte[] ZEROES = new byte[SIZE];

    private final Mapping mapping = Mapping.anonymous(SIZE);
    private final ByteBuffer at = mapping.window(0, SIZE);

    ByteBuffer slice(int offset, int size) {
        return at.slice(offset, size).order(ByteOrder.LITTLE_ENDIAN);
    }

    long address(int offset) {
        return mapping.address() + offset;
    }

    void clear() {
        at.put(0, ZEROES);
    }

    @Override
    public void close() {
        mapping.close();
    }
}
