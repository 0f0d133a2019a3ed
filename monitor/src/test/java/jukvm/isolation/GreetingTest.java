package jukvm.isolation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Random;
import jukvm.host.Layer;
import org.junit.jupiter.api.Test;

/** What a worker says first, honest and hostile. */
final class GreetingTest {
    private static final int ROUNDS = 20_000;

    private static ByteBuffer written(Greeting greeting) {
        ByteBuffer to = ByteBuffer.allocate(1 << 16);
        greeting.write(to);
        return to.flip();
    }

    @Test
    void shouldTellWhatIsMissing() {
        Greeting said = new Greeting("", Map.of(Layer.LANDLOCK, "landlock: ENOSYS"));
        assertEquals(said, Greeting.of(written(said)));
        Greeting whole = new Greeting("", Map.of());
        assertEquals(whole, Greeting.of(written(whole)));
    }

    @Test
    void shouldTellWhyItCannotBeUsed() {
        Greeting said = new Greeting("seccomp: \u001bENOSYS", Map.of());
        assertEquals(
                "could not be sealed: seccomp: \\x1bENOSYS", Greeting.of(written(said)).fault());
        assertEquals("did not start", Greeting.of(null).fault());
    }

    @Test
    void shouldTakeNothingElse() {
        ByteBuffer other = ByteBuffer.allocate(1000);
        Message.begin(other, Message.Kind.RESULT);
        assertFalse(Greeting.of(other.flip()).fault().isEmpty());
        ByteBuffer honest = written(new Greeting("", Map.of(Layer.FILTER, "no")));
        for (int length = 0; length < honest.limit(); length++) {
            ByteBuffer cut = honest.duplicate().limit(length);
            assertEquals("greeted in a way of its own", Greeting.of(cut).fault());
        }
        Random random = new Random(1);
        for (int i = 0; i < ROUNDS; i++) {
            byte[] bytes = new byte[honest.limit() + random.nextInt(9)];
            honest.duplicate().get(bytes, 0, honest.limit());
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            var unused = Greeting.of(ByteBuffer.wrap(bytes)); // Throws at nothing.
        }
    }
}
