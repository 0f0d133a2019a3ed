package jukvm.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import jukvm.text.HostText;
import org.jspecify.annotations.Nullable;

/** Hostile clients: what one sends is a request of the words that are in it, or none. */
class ClientRequestFuzzTest {
    @FuzzTest(maxDuration = "2m")
    void shouldReadARequestOrNone(byte @Nullable [] bytes) {
        if (bytes == null) {
            return;
        }
        ByteBuffer at = ByteBuffer.wrap(bytes.clone()).order(ByteOrder.LITTLE_ENDIAN);
        Optional<ClientRequest> read = ClientRequest.read(at);
        assertTrue(Arrays.equals(bytes, at.array()), "only read");
        if (read.isEmpty()) {
            return;
        }
        ClientRequest request = read.get();
        assertEquals(request.arguments().size() + 1, at.getInt(DaemonProtocol.WORDS));
        int room = DaemonProtocol.WORDS_FROM + HostText.encode(request.name()).length + 1;
        for (String argument : request.arguments()) {
            room += HostText.encode(argument).length + 1;
        }
        assertEquals(bytes.length, room, "each byte is part of one word");
    }
}
