package jukvm.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import jukvm.device.Console;

/**
 * A console that compares what the guest prints with what it must. It serves one guest at a time;
 * who asks about it has that guest's result.
 */
final class ExpectedConsole implements Console {
    private final ByteBuffer expected;
    private boolean differs;

    /** Makes one that expects a text. */
    ExpectedConsole(String text) {
        expected = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Forgets what was printed. */
    void restart() {
        expected.rewind();
        differs = false;
    }

    @Override
    public void write(ByteBuffer bytes) {
        int length = bytes.remaining();
        if (differs || length > expected.remaining()) {
            differs = true;
            return;
        }
        differs = !bytes.equals(expected.slice(expected.position(), length));
        expected.position(expected.position() + length);
    }

    /** Returns whether exactly the text was printed. */
    boolean isAsExpected() {
        return !differs && !expected.hasRemaining();
    }
}
