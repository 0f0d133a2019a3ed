package jukvm.device;

import java.nio.ByteBuffer;

/**
 * Frames that wait for one port, oldest first. Its user locks it.
 *
 * <p>A place for a frame is allocated when it is first needed and then used again. An empty queue
 * starts over at the first place, so that one whose reader keeps up has few, and those in the
 * cache.
 */
final class FrameQueue {
    /** How many frames it holds. */
    static final int CAPACITY = 256;

    private final int frameSize;
    private final byte[][] frames = new byte[CAPACITY][];
    private final int[] lengths = new int[CAPACITY];
    private int first;
    private int count;

    /** Makes an empty queue for frames of up to {@code frameSize} bytes. */
    FrameQueue(int frameSize) {
        this.frameSize = frameSize;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /**
     * Adds a copy of a frame and leaves its position where it is.
     *
     * @return false if there is no room
     */
    boolean add(ByteBuffer frame) {
        if (count == CAPACITY) {
            return false;
        }
        int place = (first + count) % CAPACITY;
        if (frames[place] == null) {
            frames[place] = new byte[frameSize];
        }
        lengths[place] = frame.remaining();
        frame.get(frame.position(), frames[place], 0, lengths[place]);
        count++;
        return true;
    }

    /** Takes the oldest frame, of which there must be one, and cuts off what {@code into} lacks. */
    void remove(ByteBuffer into) {
        into.put(frames[first], 0, Math.min(lengths[first], into.remaining()));
        count--;
        first = count == 0 ? 0 : (first + 1) % CAPACITY;
    }
}
