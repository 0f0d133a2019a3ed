package jukvm.run;

import java.nio.ByteBuffer;
import jukvm.device.Console;
import jukvm.guest.SnapshotPoint;
import jukvm.text.HostText;
import org.jspecify.annotations.Nullable;

/** A console that knows whether a guest has printed something. */
final class PrintedText implements Console {
    private final Console console;
    private final byte[] text;
    private final int[] back;
    private int matched;
    private volatile boolean isPrinted;

    /** Returns the console of a guest that is stopped at a point, if that asks for any text. */
    static Console watched(Console console, @Nullable SnapshotPoint point) {
        return point == null || point.text().isEmpty()
                ? console
                : new PrintedText(console, point.text().get());
    }

    /** Returns whether what this watches for was printed, in one call or several. */
    static boolean isIn(Console watched) {
        return watched instanceof PrintedText text && text.isPrinted;
    }

    private PrintedText(Console console, String text) {
        this.console = console;
        this.text = HostText.encode(text);
        this.back = back(this.text);
    }

    // After how many bytes of the text it goes on where the next is another: Knuth, Morris, Pratt.
    private static int[] back(byte[] text) {
        int[] back = new int[text.length];
        for (int at = 1, length = 0; at < text.length; ) {
            if (text[at] == text[length]) {
                back[at++] = ++length;
            } else if (length > 0) {
                length = back[length - 1];
            } else {
                at++;
            }
        }
        return back;
    }

    @Override
    public void write(ByteBuffer bytes) {
        for (int at = bytes.position(); at < bytes.limit() && !isPrinted; at++) {
            look(bytes.get(at));
        }
        console.write(bytes);
    }

    private void look(byte next) {
        while (matched > 0 && text[matched] != next) {
            matched = back[matched - 1];
        }
        if (text[matched] == next) {
            matched++;
        }
        isPrinted = matched == text.length;
    }

    @Override
    public void stop() {
        console.stop();
    }

    @Override
    public void end() {
        console.end();
    }
}
