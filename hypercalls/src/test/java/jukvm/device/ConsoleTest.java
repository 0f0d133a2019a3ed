package jukvm.device;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class ConsoleTest {
    @Test
    void shouldWriteAllBytesAndFlush() {
        StringBuilder flushed = new StringBuilder();
        ByteArrayOutputStream stream =
                new ByteArrayOutputStream() {
                    @Override
                    public void flush() {
                        flushed.append(toString(UTF_8));
                        reset();
                    }
                };
        // More than a channel over a stream copies at once.
        String text = "line\n".repeat(5000);
        ByteBuffer bytes = ByteBuffer.allocateDirect(text.length());
        bytes.put(text.getBytes(UTF_8)).flip();
        Console.to(stream).write(bytes);
        assertEquals(text, flushed.toString());
    }

    @Test
    void shouldTellThatTheStreamFailed() {
        OutputStream broken =
                new OutputStream() {
                    @Override
                    public void write(int b) throws IOException {
                        throw new IOException("no space");
                    }
                };
        Console console = Console.to(broken);
        UncheckedIOException e =
                assertThrows(
                        UncheckedIOException.class,
                        () -> console.write(ByteBuffer.allocateDirect(1)));
        assertEquals("java.io.IOException: no space", e.getMessage());
    }

    @Test
    void shouldDropWhatIsDiscarded() {
        ByteBuffer bytes = ByteBuffer.allocateDirect(4).putInt(0, 42);
        Console.discard().write(bytes);
        Console.discard().stop();
        assertEquals(42, bytes.getInt(0));
    }
}
