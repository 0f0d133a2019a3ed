package jukvm.junit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ConsoleTextTest {
    private static final int MIB = 1 << 20;

    private final ConsoleText console = new ConsoleText();

    private void print(byte[] bytes) {
        ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length);
        console.write(direct.put(bytes).flip());
    }

    @Test
    void shouldKeepWhatIsPrinted() {
        print("gr\u00fcn ".getBytes(StandardCharsets.UTF_8));
        print(new byte[] {'a', (byte) 0xff, 0, 'b'});
        assertEquals("gr\u00fcn a\ufffd\0b", console.text());
        assertEquals(10, console.printed());
        assertArrayEquals(
                new byte[] {'a', (byte) 0xff, 0, 'b'}, Arrays.copyOfRange(console.bytes(), 6, 10));
    }

    @Test
    void shouldKeepAMebibyteAndCountTheRest() {
        print(new byte[MIB - 1]);
        print(new byte[] {1, 2, 3});
        print(new byte[] {4});
        assertEquals(MIB, console.bytes().length);
        assertEquals(1, console.bytes()[MIB - 1]);
        assertEquals(MIB + 3, console.printed());
    }
}
