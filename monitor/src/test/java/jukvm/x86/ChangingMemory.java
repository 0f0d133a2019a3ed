package jukvm.x86;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import jukvm.memory.GuestMemory;
import org.jspecify.annotations.Nullable;

/** Writes to what a hypercall reads, all the time, by a thread of its own. */
final class ChangingMemory implements AutoCloseable {
    private static final int ARGUMENTS = 64; // bytes, more than any call has

    private final GuestMemory memory;
    private final Thread thread = new Thread(this::change, "changes memory");
    private volatile @Nullable ByteBuffer arguments;
    private volatile boolean isClosed;

    private ChangingMemory(GuestMemory memory) {
        this.memory = memory;
    }

    static ChangingMemory of(GuestMemory memory) {
        ChangingMemory changing = new ChangingMemory(memory);
        changing.thread.start();
        return changing;
    }

    /** Changes the arguments at an address from now on, if the guest may. */
    void at(long gpa) {
        arguments = memory.isWritable(gpa, ARGUMENTS) ? memory.writable(gpa, ARGUMENTS) : null;
    }

    private void change() {
        SplittableRandom random = new SplittableRandom(1);
        while (!isClosed) {
            ByteBuffer at = arguments;
            if (at != null) {
                int word = random.nextInt(ARGUMENTS / 8) * 8;
                boolean isSmall = random.nextBoolean();
                at.putLong(word, isSmall ? random.nextInt(1 << 12) : random.nextLong());
            }
        }
    }

    @Override
    public void close() {
        isClosed = true;
        try {
            thread.join(); // The memory goes away.
        } catch (InterruptedException e) {
            throw new AssertionError("nobody interrupts this thread", e);
        }
    }
}
