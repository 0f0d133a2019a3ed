package jukvm.device;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import jukvm.host.Pollable;
import jukvm.io.Doorbell;
import jukvm.memory.GuestMemory;

/**
 * An interface that delivers what was written to it, up to four frames; then it drops. It holds its
 * caller to the contract, counts, and fails when told to.
 */
public final class LoopNet implements NetDevice, AutoCloseable {
    /** The guest's address. */
    public static final MacAddress MAC = new MacAddress(0x02a1b2c3d4e5L);

    private static final int FRAMES = 4;
    private static final int VLAN_TAG = 4;

    private final Doorbell bell = Doorbell.open();
    private final MacAddress mac;
    private final int mtu;
    private final byte[][] frames;
    private final int[] lengths = new int[FRAMES];
    private int first;
    private int count;
    private int requests;
    private Optional<GuestMemory> guest = Optional.empty();
    private Optional<Exception> failure = Optional.empty();
    private Pollable readiness = bell;

    public LoopNet() {
        this(MAC, 1500);
    }

    public LoopNet(MacAddress mac, int mtu) {
        this.mac = mac;
        this.mtu = mtu;
        this.frames = new byte[FRAMES][HEADER_SIZE + VLAN_TAG + Math.max(0, mtu)];
        Arrays.fill(lengths, 60);
    }

    /** Checks that every buffer is in this memory, for reads where the guest may write. */
    @SuppressWarnings("exports") // For the tests of the library.
    public LoopNet within(GuestMemory memory) {
        guest = Optional.of(memory);
        return this;
    }

    /** Fails every request from now on, with an {@link IOException} or one unchecked. */
    public void fail(Exception e) {
        failure = Optional.of(e);
    }

    /** Works again; an attached one must not notice. */
    public void mend() {
        failure = Optional.empty();
    }

    /** Is waited for by another, which knows nothing of frames. */
    public LoopNet readyBy(Pollable other) {
        readiness = other;
        return this;
    }

    /** Returns how many requests arrived, with those that failed. */
    public int requests() {
        return requests;
    }

    /** Returns how many frames wait to be read. */
    public int waiting() {
        return count;
    }

    /** Makes a frame arrive of {@code length} bytes: 1, 2, 3 and so on. */
    public void arrive(int length) {
        byte[] frame = frames[(first + count) % FRAMES];
        for (int i = 0; i < length; i++) {
            frame[i] = (byte) (i + 1);
        }
        added(length);
    }

    /** Makes it so many frames that wait, of what they were or of 60 bytes. */
    public void keep(int frames) {
        if (count == 0 && frames > 0) {
            bell.ring();
        } else if (count > 0 && frames == 0) {
            bell.silence();
        }
        count = frames;
    }

    private void added(int length) {
        lengths[(first + count++) % FRAMES] = length;
        if (count == 1) {
            bell.ring();
        }
    }

    @Override
    public MacAddress mac() {
        return mac;
    }

    @Override
    public int mtu() {
        return mtu;
    }

    @Override
    public Pollable readiness() {
        return readiness;
    }

    @Override
    public boolean read(ByteBuffer into) throws IOException {
        check(into, into.remaining() > 0);
        // Or it is the monitor's own, for the longest frame.
        if (guest.isPresent() && into.capacity() != frames[0].length) {
            Buffers.requireWritable(guest.get(), into);
        }
        if (count == 0) {
            return false;
        }
        into.put(frames[first], 0, Math.min(lengths[first], into.remaining()));
        first = (first + 1) % FRAMES;
        if (--count == 0) {
            bell.silence();
        }
        return true;
    }

    @Override
    public boolean write(ByteBuffer frame) throws IOException {
        check(frame, frame.remaining() >= HEADER_SIZE);
        if (guest.isPresent()) {
            Buffers.requireReadable(guest.get(), frame);
        }
        if (count == FRAMES) {
            return false;
        }
        int length = frame.remaining();
        frame.get(frames[(first + count) % FRAMES], 0, length);
        added(length);
        return true;
    }

    private void check(ByteBuffer buffer, boolean isLongEnough) throws IOException {
        requests++;
        if (!isLongEnough || buffer.remaining() > frames[0].length || !buffer.isDirect()) {
            throw new AssertionError("no frame: " + buffer);
        }
        if (failure.isPresent()) {
            RamDisk.throwFailure(failure.get());
        }
    }

    @Override
    public void close() {
        bell.close();
    }
}
