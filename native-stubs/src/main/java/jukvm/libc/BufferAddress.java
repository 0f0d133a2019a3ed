package jukvm.libc;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The host address of a direct buffer, kept for the next call: both bindings make an object for
 * each answer, and a device is mostly asked with the same buffer. Used by one thread at a time.
 */
public final class BufferAddress {
    private static final Libc LIBC = Libc.get();

    // A buffer's memory never moves, so what was true of this very object is true for ever.
    private @Nullable ByteBuffer last;
    private long address;

    /**
     * Returns the host address of the byte at the buffer's position. Callers keep the buffer
     * reachable for as long as they use it.
     *
     * @throws IllegalArgumentException if the buffer is not direct
     */
    @SuppressWarnings("ReferenceEquality") // Buffers are equal by content, wherever they are.
    public long of(ByteBuffer direct) {
        if (direct != last) {
            if (!direct.isDirect()) {
                throw new IllegalArgumentException("not a direct buffer: " + direct);
            }
            address = LIBC.address(direct);
            last = direct;
        }
        return address + direct.position();
    }
}
