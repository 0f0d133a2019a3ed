package jukvm.fetch;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.URI;
import java.util.Optional;
import jukvm.error.ImageException;
import org.jspecify.annotations.Nullable;

/** Hostile servers: what they send is an image of bounded length, another address, or refused. */
class HttpReplyFuzzTest {
    private static final int LIMIT = 1 << 16;
    private static final ImageAddress ASKED =
            ImageAddress.of(URI.create("https://images.invalid/guest.hvt"));

    @FuzzTest(maxDuration = "2m")
    void shouldReadAnAnswerOrRefuseIt(byte @Nullable [] bytes) throws IOException {
        if (bytes == null) {
            return;
        }
        ByteArrayInputStream in = new ByteArrayInputStream(bytes);
        try {
            HttpReply reply = HttpReply.read(in);
            Optional<String> elsewhere = reply.redirect();
            if (elsewhere.isPresent()) {
                ImageAddress next = ASKED.redirected(elsewhere.get());
                assertTrue(next.port() > 0 && next.port() <= 0xffff, next::toString);
                assertTrue(next.isSecure(), next::toString);
                assertTrue(!next.host().isEmpty(), next::toString);
                return;
            }
            byte[] image = reply.body(in).read(LIMIT);
            assertTrue(image.length <= Math.min(LIMIT, bytes.length), image.length + " bytes");
        } catch (ImageException e) {
            String message = e.getMessage();
            assertTrue(message.chars().allMatch(c -> c >= ' ' && c < 0x7f), message);
        } catch (EOFException e) {
            assertTrue(e.getMessage() != null, "which says where it ended");
        }
    }
}
