package jukvm.cli.invoker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import jukvm.text.HostText;
import org.junit.jupiter.api.Test;

class MessageWriterTest {
    @Test
    void shouldEscapeWhatIsNoText() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintWriter out = MessageWriter.to(bytes);
        String name = HostText.decode(new byte[] {'a', (byte) 0xff, (byte) 0xc3, (byte) 0xbc});
        out.print(name);
        out.print(name.toCharArray());
        out.append(name.charAt(1)).append("\ud83d\ude80");
        out.flush();
        assertEquals("a\\xff\u00fca\\xff\u00fc\\xff\ud83d\ude80", bytes.toString(UTF_8));
    }
}
