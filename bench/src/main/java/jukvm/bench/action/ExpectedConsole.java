package jukvm.bench.action;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import jukvm.device.Console;
import jukvm.guest.RunResult;

/**
 * A console that compares what the guest prints with what it must. It serves one guest at a time;
 * who asks about it has that guest's result.
 */
public final class ExpectedConsole implements Console {

    private final ByteBuffer expected;
    private boolean differs;

    /** Makes one that expects a text. */
    public ExpectedConsole(String text) {
        expected = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Forgets what was printed. */
    public void restart() {
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

    /**
     * Returns how the guest that printed here ended or printed otherwise than it must; empty if it
     * is as it must be.
     */
    public String failure(RunResult result) {
        if (!result.outcome().isSuccess()) {
            return "ended with " + result.outcome();
        }
        return isAsExpected() ? "" : "printed something else";
    }

    /** Returns whether exactly the text was printed. */
    public boolean isAsExpected() {
        return !differs && !expected.hasRemaining();
    }
}
