package jukvm.tests.guest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import jukvm.device.MacAddress;
import jukvm.device.NetDevice;
import jukvm.host.Pollable;
import org.jspecify.annotations.Nullable;

/**
 * A network device that loses, doubles, reorders and spoils frames on their way both ways, each of
 * them so many times in a thousand.
 */
final class BadNet implements NetDevice {
    private final NetDevice good;
    private final int perMille;
    private final Random random;

    // The frame that goes, or comes, after the next; or once more.
    private @Nullable ByteBuffer heldOut;
    private @Nullable ByteBuffer heldIn;

    BadNet(NetDevice good, int perMille, long seed) {
        this.good = good;
        this.perMille = perMille;
        this.random = new Random(seed);
    }

    private synchronized boolean happens() {
        return random.nextInt(1000) < perMille;
    }

    private static ByteBuffer copy(ByteBuffer frame) {
        return ByteBuffer.allocateDirect(frame.remaining()).put(frame.duplicate()).flip();
    }

    private synchronized void spoil(ByteBuffer frame) {
        int at = frame.position() + random.nextInt(frame.remaining());
        frame.put(at, (byte) (frame.get(at) ^ 1 + random.nextInt(255)));
    }

    @Override
    public MacAddress mac() {
        return good.mac();
    }

    @Override
    public int mtu() {
        return good.mtu();
    }

    @Override
    public Pollable readiness() {
        return good.readiness();
    }

    @Override
    public boolean read(ByteBuffer into) throws IOException {
        int start = into.position();
        while (good.read(into)) {
            ByteBuffer frame = into.duplicate().position(start).limit(into.position());
            if (happens()) {
                spoil(frame);
            }
            boolean isHeld = heldIn == null && happens();
            if (isHeld) {
                heldIn = copy(frame);
            }
            if (!happens() && (!isHeld || happens())) {
                return true;
            }
            into.position(start);
        }
        if (heldIn == null || heldIn.remaining() > into.remaining()) {
            return false;
        }
        into.put(heldIn);
        heldIn = null;
        return true;
    }

    @Override
    public boolean write(ByteBuffer frame) throws IOException {
        ByteBuffer sent = copy(frame);
        if (happens()) {
            spoil(sent);
        }
        boolean isHeld = heldOut == null && happens();
        boolean isTaken = true;
        if (!happens() && (!isHeld || happens())) {
            isTaken = good.write(sent.duplicate());
        }
        ByteBuffer before = heldOut;
        heldOut = isHeld ? sent : null;
        if (before != null) {
            isTaken &= good.write(before);
        }
        return isTaken;
    }
}
