package jukvm.bench.idle;

import java.nio.ByteBuffer;
import jukvm.device.Console;

/** A console that tells of its guest's line that it is up, and takes the rest. */
final class FirstBytes implements Console {
    private static final byte LINE_END = '\n';

    private final Runnable whenUp;
    private boolean isUp;

    FirstBytes(Runnable whenUp) {
        this.whenUp = whenUp;
    }

    @Override
    public void write(ByteBuffer bytes) {
        while (!isUp && bytes.hasRemaining()) {
            if (bytes.get() == LINE_END) {
                isUp = true;
                whenUp.run();
            }
        }
    }
}
