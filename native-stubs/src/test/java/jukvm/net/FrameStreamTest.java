package jukvm.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import jukvm.error.HostException;
import jukvm.io.Poller;
import jukvm.libc.Fd;
import jukvm.libc.FdPair;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;
import jukvm.libc.SocketMessage;
import jukvm.testing.OpenFiles;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameStreamTest {
    private static final Libc LIBC = Libc.get();
    private static final int ROOM = 1518;

    private final FdPair sockets = FdPair.sockets("peer");
    private final Fd peer = sockets.second();
    private final FrameStream stream = new FrameStream(sockets.first());
    private final ByteBuffer into = ByteBuffer.allocateDirect(FrameChannel.LONGEST + 3);

    @AfterEach
    void close() {
        stream.close();
        sockets.close();
    }

    /** Has the peer send bytes as they are; returns how many went. */
    private int send(byte... bytes) {
        try (Mapping memory = Mapping.anonymous(bytes.length)) {
            memory.window(0, bytes.length).put(bytes);
            int flags = SocketMessage.MSG_DONTWAIT | SocketMessage.MSG_NOSIGNAL;
            return (int)
                    LIBC.syscall(
                            Libc.SYS_SENDTO,
                            peer.number(),
                            memory.address(),
                            bytes.length,
                            flags,
                            0);
        }
    }

    /** Returns what has come to the peer. */
    private byte[] received() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try (Mapping memory = Mapping.anonymous(1 << 16)) {
            int flags = SocketMessage.MSG_DONTWAIT;
            byte[] part = new byte[1 << 16];
            while (true) {
                long got =
                        LIBC.syscall(
                                Libc.SYS_RECVFROM,
                                peer.number(),
                                memory.address(),
                                part.length,
                                flags,
                                0);
                if (got <= 0) {
                    return all.toByteArray();
                }
                memory.window(0, got).get(part, 0, (int) got);
                all.write(part, 0, (int) got);
            }
        }
    }

    private static byte[] frame(int length, int seed) {
        byte[] frame = new byte[length];
        for (int i = 0; i < length; i++) {
            frame[i] = (byte) (i * 7 + seed);
        }
        return frame;
    }

    private static byte[] framed(byte... frame) {
        return ByteBuffer.allocate(4 + frame.length).putInt(frame.length).put(frame).array();
    }

    private static byte[] prefix(int length) {
        return ByteBuffer.allocate(4).putInt(length).array();
    }

    /** Reads a frame into so much room; null if there is none. */
    private byte[] read(int room) {
        into.clear().position(3).limit(3 + room);
        if (!stream.read(into)) {
            assertEquals(3, into.position());
            return new byte[0];
        }
        byte[] frame = new byte[into.position() - 3];
        into.get(3, frame);
        return frame;
    }

    private boolean write(byte... frame) {
        ByteBuffer direct = ByteBuffer.allocateDirect(frame.length + 5).position(5);
        direct.put(5, frame);
        return stream.write(direct);
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 15, 60, 1514, 1518, 40_000, 65_549, 65_553})
    void shouldPassFramesBothWays(int length) {
        byte[] frame = frame(length, length);
        assertTrue(write(frame));
        assertArrayEquals(framed(frame), received());
        send(framed(frame));
        assertArrayEquals(frame, read(FrameChannel.LONGEST));
        assertEquals(0, read(ROOM).length);
    }

    @Test
    void shouldReadFramesThatComeTogether() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < 50; i++) {
            all.writeBytes(framed(frame(14 + i * 13, i)));
        }
        send(all.toByteArray());
        for (int i = 0; i < 50; i++) {
            assertArrayEquals(frame(14 + i * 13, i), read(ROOM));
        }
        assertEquals(0, read(ROOM).length);
    }

    @Test
    void shouldReadFramesThatComeByteAfterByte() {
        List<byte[]> frames = List.of(frame(14, 1), frame(100, 2), frame(15, 3));
        List<byte[]> read = new ArrayList<>();
        for (byte[] frame : frames) {
            for (byte next : framed(frame)) {
                assertEquals(1, send(next));
                byte[] got = read(50);
                if (got.length > 0) {
                    read.add(got);
                }
            }
        }
        assertEquals(3, read.size());
        for (int i = 0; i < 3; i++) {
            int length = Math.min(50, frames.get(i).length);
            assertArrayEquals(Arrays.copyOf(frames.get(i), length), read.get(i));
        }
    }

    // As passt sends its answers to ARP and DHCP.
    @Test
    void shouldReadALengthThatComesAlone() {
        send(prefix(42));
        assertEquals(0, read(ROOM).length);
        send(frame(42, 5));
        assertArrayEquals(frame(42, 5), read(ROOM));
    }

    // A stop in mid-frame keeps nobody: there is no frame, and nothing to wake up for.
    @Test
    void shouldGoOnWhileAPeerStallsInMidFrame() {
        send(prefix(1000));
        send(frame(999, 1));
        assertEquals(0, read(ROOM).length);
        assertEquals(0, read(ROOM).length);
        try (Poller poller = new Poller()) {
            poller.watch(0, stream);
            assertEquals(0, poller.await(1));
            assertTrue(write(frame(20, 2)));
            send(frame(1000, 1)[999]);
            assertEquals(1, poller.await(-1));
        }
        assertArrayEquals(frame(1000, 1), read(ROOM));
    }

    @Test
    void shouldCutOffWhatIsLongerThanItsBuffer() {
        send(framed(frame(65_553, 1)));
        send(framed(frame(20, 2)));
        assertArrayEquals(frame(1518, 1), read(ROOM));
        assertArrayEquals(frame(20, 2), read(20));
        send(framed(frame(20, 3)));
        assertArrayEquals(frame(1, 3), read(1));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 13, 65_554, 0x01000000, Integer.MAX_VALUE, Integer.MIN_VALUE, -1})
    void shouldRefuseALengthThatNoFrameHas(int length) {
        send(framed(frame(14, 1)));
        send(prefix(length));
        send(frame(100, 1));
        assertArrayEquals(frame(14, 1), read(ROOM));
        HostException e = assertThrows(HostException.class, () -> read(ROOM));
        String sent = Integer.toUnsignedString(length);
        assertEquals(
                "peer: the peer sent a frame of " + sent + " bytes: not 14 to 65553",
                e.getMessage());
        assertThrows(HostException.class, () -> read(ROOM));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 4, 50})
    void shouldSayThatThePeerHasGone(int sent) {
        send(framed(frame(20, 1)));
        send(Arrays.copyOf(framed(frame(60, 2)), Math.max(sent, 1)));
        peer.close();
        assertArrayEquals(frame(20, 1), read(ROOM));
        HostException e =
                assertThrows(
                        HostException.class,
                        () -> {
                            read(ROOM); // What has come of the second.
                            read(ROOM);
                        });
        assertEquals("peer: the peer has closed the connection", e.getMessage());
        assertEquals(FrameChannel.GONE, e.errno());
        e = assertThrows(HostException.class, () -> write(frame(60, 1)));
        assertEquals(FrameChannel.GONE, e.errno());
    }

    // A peer that does not read loses whole frames, never a part of one, and holds up nobody.
    @ParameterizedTest
    @ValueSource(ints = {60, 1514, 9014, 20_000, 60_000, 65_553})
    void shouldDropWholeFramesForAPeerThatDoesNotRead(int length) {
        List<Integer> taken = new ArrayList<>();
        int dropped = 0;
        for (int round = 0; round < 3; round++) {
            for (int i = 0; dropped <= 100 * round + 99; i++) {
                if (write(frame(length, i))) {
                    taken.add(i);
                } else {
                    dropped++;
                }
            }
            int expected = taken.size();
            assertTrue(expected > 0);
            ByteBuffer all = ByteBuffer.wrap(received());
            for (int i : taken) {
                assertEquals(length, all.getInt());
                byte[] frame = new byte[length];
                all.get(frame);
                assertArrayEquals(frame(length, i), frame);
            }
            assertFalse(all.hasRemaining());
            taken.clear();
        }
    }

    @Test
    void shouldKeepNoDescriptorThatAPeerSends() throws Exception {
        try (SocketMessage message = new SocketMessage(100);
                Fd event = Fd.event("event")) {
            message.bytes().put(framed(frame(20, 1)));
            assertEquals(24, message.send(peer, event.number()));
            OpenFiles open = OpenFiles.now(OpenFiles.ANONYMOUS);
            assertArrayEquals(frame(20, 1), read(ROOM));
            open.assertNothingMore();
        }
    }
}
