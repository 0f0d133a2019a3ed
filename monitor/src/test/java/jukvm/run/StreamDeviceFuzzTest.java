package jukvm.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Random;
import jukvm.device.MacAddress;
import jukvm.device.StreamDevice;
import jukvm.error.HostException;
import org.junit.jupiter.api.Test;

/**
 * A hostile peer at a Unix socket: what it sends, in whatever pieces, is the frames that are in it,
 * up to the first that is none; and what is sent to it is whole frames, whatever it reads.
 */
class StreamDeviceFuzzTest {
    private static final int SHORTEST = 14;
    private static final int LONGEST = 65_553;
    private static final int ROOM = 1518;
    private static final int MOST = 1 << 19;
    private static final int RUNS = 2000;

    /** What the peer does, one step after another. */
    private static final class Peer implements AutoCloseable {
        private final SocketChannel socket;
        private final StreamDevice device;
        private final ByteBuffer room = ByteBuffer.allocateDirect(ROOM + 7);
        private final ByteBuffer frames = ByteBuffer.allocateDirect(LONGEST);

        // What was sent and is no frame read yet, and whether nothing is to come of it any more.
        private final ByteBuffer sent = ByteBuffer.allocate(MOST);
        private final Deque<byte[]> written = new ArrayDeque<>();
        private ByteBuffer taken = ByteBuffer.allocate(MOST);
        private boolean isBroken;

        Peer(SocketChannel socket, StreamDevice device) throws IOException {
            this.socket = socket;
            this.device = device;
            socket.configureBlocking(false);
        }

        void send(byte... bytes) throws IOException {
            ByteBuffer rest = ByteBuffer.wrap(bytes);
            if (!isBroken && sent.remaining() >= bytes.length) {
                socket.write(rest);
                sent.put(bytes, 0, rest.position());
            }
        }

        /** Reads as often as there are frames, and once more. */
        void readAll() {
            sent.flip();
            while (!isBroken) {
                int whole = wholeFrame();
                room.clear().position(7);
                try {
                    assertEquals(whole > 0, device.read(room));
                } catch (HostException e) {
                    assertEquals(-1, whole, e.getMessage());
                    isBroken = true;
                }
                if (whole <= 0) {
                    break;
                }
                byte[] expected = new byte[whole];
                sent.getInt();
                sent.get(expected);
                byte[] read = new byte[room.position() - 7];
                room.get(7, read);
                assertArrayEquals(Arrays.copyOf(expected, Math.min(whole, ROOM)), read);
            }
            sent.compact();
        }

        // Returns the length of the frame that has come; 0 if none has, -1 if there cannot be one.
        private int wholeFrame() {
            if (sent.remaining() < Integer.BYTES) {
                return 0;
            }
            int length = sent.getInt(sent.position());
            if (length < SHORTEST || length > LONGEST) {
                return -1;
            }
            return sent.remaining() - Integer.BYTES >= length ? length : 0;
        }

        void write(int length, int seed) {
            byte[] frame = new byte[length];
            new Random(seed).nextBytes(frame);
            if (!isBroken && device.write(frames.clear().limit(length).put(0, frame))) {
                written.add(frame);
            }
        }

        void take(int count) throws IOException {
            taken.limit(Math.min(taken.capacity(), taken.position() + count));
            socket.read(taken);
            taken.flip();
            while (taken.remaining() >= Integer.BYTES
                    && taken.remaining() - Integer.BYTES >= taken.getInt(taken.position())) {
                byte[] frame = new byte[taken.getInt()];
                taken.get(frame);
                assertArrayEquals(written.remove(), frame);
            }
            taken.compact();
        }

        @Override
        public void close() throws IOException {
            device.close();
            socket.close();
        }
    }

    private static Peer connect() throws IOException {
        Path folder = Files.createTempDirectory("s");
        Path path = folder.resolve("s");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(path));
            StreamDevice device =
                    StreamDevice.connect(
                            path.toString(), MacAddress.random(), StreamDevice.DEFAULT_MTU);
            return new Peer(server.accept(), device);
        } finally {
            Files.delete(path);
            Files.delete(folder);
        }
    }

    @FuzzTest(maxDuration = "2m")
    void shouldPassWholeFramesOrEnd(FuzzedDataProvider data) throws IOException {
        try (Peer peer = connect()) {
            while (data.remainingBytes() > 0 && !peer.isBroken) {
                switch (data.consumeInt(0, 4)) {
                    case 0 -> peer.send(data.consumeBytes(200));
                    case 1 -> {
                        int length = data.consumeInt(0, LONGEST + 10);
                        peer.send(ByteBuffer.allocate(4).putInt(length).array());
                        peer.send(new byte[data.consumeInt(0, length)]);
                    }
                    case 2 -> peer.write(data.consumeInt(SHORTEST, LONGEST), data.consumeInt());
                    case 3 -> peer.take(data.consumeInt(0, MOST));
                    default -> peer.readAll();
                }
            }
            peer.readAll();
        }
    }

    /** The same by steps that mostly keep to the rules, which get further. */
    @Test
    void shouldPassWholeFramesInWhateverPieces() throws IOException {
        long seed = Long.getLong("jukvm.seed", System.nanoTime());
        Random random = new Random(seed);
        try (Peer peer = connect()) {
            byte[] rest = {};
            for (int i = 0; i < RUNS; i++) {
                int limit = random.nextInt(20) == 0 ? LONGEST : ROOM + 100;
                int length = SHORTEST + random.nextInt(limit - SHORTEST + 1);
                ByteBuffer framed = ByteBuffer.allocate(rest.length + 4 + length).put(rest);
                byte[] frame = new byte[length];
                random.nextBytes(frame);
                framed.putInt(length).put(frame);
                int part = random.nextInt(framed.capacity() + 1);
                peer.send(Arrays.copyOf(framed.array(), part));
                rest = Arrays.copyOfRange(framed.array(), part, framed.capacity());
                peer.readAll();
                peer.write(SHORTEST + random.nextInt(limit - SHORTEST + 1), i);
                peer.take(random.nextInt(3 * ROOM));
                assertTrue(rest.length < MOST);
            }
            assertFalse(peer.isBroken, () -> "-Djukvm.seed=" + seed);
        }
    }
}
