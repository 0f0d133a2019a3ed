package jukvm.device;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Hands on line by line what a guest prints; on the vCPU's thread. */
final class LineConsole implements Console {
    // A guest that never ends its line does not fill the heap.
    private static final int MAX_LINE = 64 << 10;

    private final Consumer<String> consumer;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    LineConsole(Consumer<String> consumer) {
        this.consumer = consumer;
    }

    @Override
    public void write(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            byte next = bytes.get();
            if (next != '\n') {
                line.write(next);
            }
            if (next == '\n' || line.size() == MAX_LINE) {
                handOn();
            }
        }
    }

    @Override
    public void end() {
        if (line.size() > 0) {
            handOn();
        }
    }

    private void handOn() {
        String text = line.toString(StandardCharsets.UTF_8);
        line.reset();
        consumer.accept(text);
    }
}
