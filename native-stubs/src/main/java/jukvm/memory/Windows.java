package jukvm.memory;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jukvm.libc.Mapping;
import org.jspecify.annotations.Nullable;

/**
 * Little-endian buffers over guest memory. A buffer ends at 2 GiB - 1 and a guest at 4 GiB, so they
 * start every 1 GiB and overlap: any range of up to 1 GiB lies wholly in the one that its first
 * byte starts in. Bounds are the caller's to check.
 */
final class Windows {
    private static final int SHIFT = 30;
    private static final long MAX = Integer.MAX_VALUE;

    private ByteBuffer @Nullable [] windows;
    private final ByteBuffer[] views;
    private final ByteBuffer nothing = ByteBuffer.allocateDirect(0);

    Windows(Mapping mapping) {
        int count = (int) ((mapping.length() - 1) >>> SHIFT) + 1;
        windows = new ByteBuffer[count];
        views = new ByteBuffer[count];
        for (int i = 0; i < count; i++) {
            long start = (long) i << SHIFT;
            windows[i] = mapping.window(start, Math.min(mapping.length() - start, MAX));
            views[i] = windows[i].duplicate().order(ByteOrder.LITTLE_ENDIAN);
        }
    }

    /** Returns the buffer that a guest-physical address lies in, at its {@link #offset}. */
    ByteBuffer of(long gpa) {
        return requireOpen()[(int) (gpa >>> SHIFT)];
    }

    static int offset(long gpa) {
        return (int) (gpa & ((1L << SHIFT) - 1));
    }

    /** Returns a new buffer over a range. */
    ByteBuffer slice(long gpa, int length) {
        return of(gpa).slice(offset(gpa), length).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Returns a range between position and limit of a buffer that is the same each time. */
    ByteBuffer view(long gpa, int length) {
        requireOpen();
        if (length == 0) {
            return nothing; // It may lie at the end of memory, where no window starts.
        }
        int start = offset(gpa);
        return views[(int) (gpa >>> SHIFT)].clear().limit(start + length).position(start);
    }

    ByteBuffer[] requireOpen() {
        ByteBuffer[] open = windows;
        if (open == null) {
            throw new IllegalStateException("guest memory is closed");
        }
        return open;
    }

    /** Makes every later use throw. */
    void close() {
        windows = null;
    }
}
