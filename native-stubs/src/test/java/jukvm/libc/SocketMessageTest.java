package jukvm.libc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class SocketMessageTest {
    // Whoever sent it could fill this process with descriptors, else.
    @Test
    void shouldCloseWhatComesWithAMessageWithoutBytes() {
        FdPair sockets = FdPair.packets("sockets");
        FdPair pipe = FdPair.pipe("pipe");
        try (Fd one = sockets.first();
                Fd other = sockets.second();
                Fd end = pipe.first();
                SocketMessage message = new SocketMessage(16);
                Mapping room = Mapping.anonymous(16)) {
            assertEquals(0, message.send(one, pipe.second().number()));
            pipe.second().close();
            assertEquals(0, message.receive(other));
            assertArrayEquals(new int[0], message.descriptors());
            // The last that could write is closed, so this does not wait.
            assertEquals(0, Libc.get().read(end.number(), room.address(), 16));
        }
    }
}
