package jukvm.device;

import static java.nio.charset.StandardCharsets.UTF_8;
import static jukvm.device.Frames.A;
import static jukvm.device.Frames.B;
import static jukvm.device.Frames.frame;
import static jukvm.device.Frames.number;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import jukvm.host.Pollable;
import jukvm.io.Requester;
import jukvm.stream.OutputFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PcapngCaptureTest {
    private static final int HEADER = 44 + 52;

    @TempDir Path directory;

    private final VirtualSwitch network = VirtualSwitch.open();
    private final SwitchPort a = network.connect(A);
    private final SwitchPort b = network.connect(B);
    private Path file = Path.of("");

    @BeforeEach
    void name() {
        file = directory.resolve("capture.pcapng");
    }

    @AfterEach
    void close() {
        network.close();
    }

    private PcapngCapture capture() throws IOException {
        return PcapngCapture.of(a, "net0", file);
    }

    @Test
    void shouldTellTheGuestWhatTheDeviceTells() throws IOException {
        Ipv4Settings settings = new Ipv4Settings("10.0.0.2/24", "10.0.0.1", "");
        try (LoopNet net = new LoopNet();
                DhcpDevice device = DhcpDevice.of(net, settings);
                PcapngCapture capture = PcapngCapture.of(device, "net0", file)) {
            assertEquals(Optional.of(settings), capture.ipv4());
            assertSame(device.readiness(), capture.readiness());
        }
    }

    @Test
    void shouldBeginWithSectionAndInterface() throws IOException {
        Files.write(file, new byte[10_000]);
        capture().close();
        assertEquals(HEADER, Files.size(file));
        Pcapng pcapng = Pcapng.read(file);
        ByteBuffer section = pcapng.section().body();
        assertEquals(0x1a2b3c4d, section.getInt(0));
        assertEquals(1, section.getShort(4));
        assertEquals(0, section.getShort(6));
        assertEquals(-1, section.getLong(8));
        assertEquals(Set.of(4), pcapng.section().options().keySet());
        assertEquals("jukvm", new String(pcapng.section().option(4), UTF_8));
        ByteBuffer description = pcapng.description().body();
        assertEquals(1, description.getShort(0));
        assertEquals(1518, description.getInt(4));
        assertEquals(Set.of(2, 6, 9), pcapng.description().options().keySet());
        assertEquals("net0", new String(pcapng.description().option(2), UTF_8));
        assertArrayEquals(new byte[] {2, 0, 0, 0, 0, 10}, pcapng.description().option(6));
        assertArrayEquals(new byte[] {9}, pcapng.description().option(9));
    }

    @Test
    void shouldBeTheDeviceItCaptures() throws IOException {
        try (PcapngCapture capture = capture()) {
            assertEquals(A, capture.mac());
            assertEquals(1500, capture.mtu());
            assertSame(a.readiness(), capture.readiness());
        }
        assertTrue(a.write(frame(B, A, 1))); // Which is still open.
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18, 19, 20, 21, 1518})
    void shouldWriteEachFrameAtOnceAsItPasses(int size) throws IOException {
        try (PcapngCapture capture = capture()) {
            long before = WallClock.host().nanosSinceEpoch() - 1_000_000;
            ByteBuffer sent = frame(B, A, 7, size);
            ByteBuffer answer = frame(A, B, 8, size);
            assertTrue(capture.write(sent));
            assertEquals(1, Pcapng.read(file).frames().size());
            assertTrue(b.read(ByteBuffer.allocate(size)));
            b.write(answer);
            ByteBuffer into = ByteBuffer.allocateDirect(2000).position(9);
            assertTrue(capture.read(into));
            assertFalse(capture.read(into));
            assertEquals(9 + size, into.position());
            assertEquals(answer, into.flip().position(9));
            long after = WallClock.host().nanosSinceEpoch() + 1_000_000;
            List<Pcapng.Frame> frames = Pcapng.read(file).frames();
            assertEquals(2, frames.size());
            assertFrame(sent, 2, frames.get(0));
            assertFrame(answer, 1, frames.get(1));
            assertTrue(before <= frames.get(0).time());
            assertTrue(frames.get(0).time() <= frames.get(1).time());
            assertTrue(frames.get(1).time() <= after);
            assertEquals(Optional.empty(), capture.failure());
        }
    }

    private static void assertFrame(ByteBuffer expected, int flags, Pcapng.Frame frame) {
        assertEquals(expected, frame.bytes());
        assertEquals(expected.remaining(), frame.length());
        assertEquals(flags, frame.flags());
    }

    @Test
    void shouldWriteWhatWasDeliveredOfAFrameThatIsCutOff() throws IOException {
        try (PcapngCapture capture = capture()) {
            b.write(frame(A, B, 1, 100));
            capture.read(ByteBuffer.allocateDirect(33));
        }
        Pcapng.Frame frame = Pcapng.read(file).frames().get(0);
        assertEquals(33, frame.bytes().remaining());
        assertEquals(33, frame.length());
    }

    @Test
    void shouldNotWriteWhatTheDeviceDropped() throws IOException {
        try (PcapngCapture capture = capture()) {
            for (int i = 0; i < FrameQueue.CAPACITY; i++) {
                assertTrue(capture.write(frame(B, A, i)));
            }
            assertFalse(capture.write(frame(B, A, 1000)));
            network.close();
            assertThrows(IOException.class, () -> capture.write(frame(B, A, 1)));
            assertThrows(IOException.class, () -> capture.read(ByteBuffer.allocateDirect(64)));
            assertEquals(Optional.empty(), capture.failure());
        }
        assertEquals(FrameQueue.CAPACITY, Pcapng.read(file).frames().size());
    }

    @Test
    void shouldCutOffFramesLongerThanADevicePromised() throws IOException {
        NetDevice liar =
                new NetDevice() {
                    @Override
                    public MacAddress mac() {
                        return A;
                    }

                    @Override
                    public int mtu() {
                        return 68;
                    }

                    @Override
                    public Pollable readiness() {
                        return a.readiness();
                    }

                    @Override
                    public boolean read(ByteBuffer into) {
                        into.put(new byte[100]);
                        return true;
                    }

                    @Override
                    public boolean write(ByteBuffer frame) {
                        frame.position(frame.limit()); // It may.
                        return true;
                    }
                };
        try (PcapngCapture capture = PcapngCapture.of(liar, "net0", file)) {
            assertTrue(capture.read(ByteBuffer.allocateDirect(200)));
            assertTrue(capture.write(frame(B, A, 1, 86)));
        }
        List<Pcapng.Frame> frames = Pcapng.read(file).frames();
        assertEquals(86, frames.get(0).bytes().remaining());
        assertEquals(100, frames.get(0).length());
        assertFrame(frame(B, A, 1, 86), 2, frames.get(1));
    }

    @Test
    void shouldLetFramesPassWhenClosed() throws IOException {
        PcapngCapture capture = capture();
        capture.close();
        capture.close();
        assertTrue(capture.write(frame(B, A, 5)));
        assertEquals(5, number(b));
        b.write(frame(A, B, 6));
        assertEquals(6, number(capture));
        assertEquals(List.of(), Pcapng.read(file).frames());
        assertEquals(Optional.empty(), capture.failure());
    }

    /** A file on a disk that becomes full in the middle of a block. */
    private static final class FullDisk extends OutputFile {
        int room = HEADER + 2 * 64 + 10;

        FullDisk(Path path) throws IOException {
            super(Requester.self(), path.toString());
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            super.write(bytes, offset, Math.min(length, room));
            room -= length;
            if (room < 0) {
                throw new IOException("No space left on device");
            }
        }
    }

    @Test
    void shouldStopAndLetFramesPassWhenTheDiskIsFull() throws IOException {
        FullDisk disk = new FullDisk(file);
        PcapngCapture capture = new PcapngCapture(a, "net0", "capture.pcapng", disk);
        for (int i = 0; i < 5; i++) {
            assertTrue(capture.write(frame(B, A, i)));
            assertEquals(i, number(b));
        }
        assertFalse(disk.isOpen());
        String failure = "capture.pcapng: No space left on device; stopped after 2 frames";
        assertEquals(Optional.of(failure), capture.failure());
        assertEquals(2, Pcapng.read(file).frames().size());
        capture.close();
        assertEquals(Optional.of(failure), capture.failure());
    }

    @Test
    void shouldStopAlsoWhereNothingCanBeCutOff() throws IOException {
        FullDisk disk = new FullDisk(Path.of("/dev/null"));
        PcapngCapture capture = new PcapngCapture(a, "net0", "/dev/null", disk);
        for (int i = 0; i < 5; i++) {
            assertTrue(capture.write(frame(B, A, i)));
        }
        assertEquals(
                Optional.of("/dev/null: No space left on device; stopped after 2 frames"),
                capture.failure());
    }

    @Test
    void shouldGoOnInAThreadThatWasInterrupted() throws IOException {
        try (PcapngCapture capture = capture()) {
            Thread.currentThread().interrupt();
            capture.write(frame(B, A, 1));
            assertTrue(Thread.interrupted());
            capture.write(frame(B, A, 2));
        }
        assertEquals(2, Pcapng.read(file).frames().size());
    }

    @Test
    void shouldTellThatTheFileCannotBeWritten() {
        assertThrows(
                IOException.class,
                () -> PcapngCapture.of(a, "net0", directory.resolve("none/x.pcapng")));
        IOException e =
                assertThrows(
                        IOException.class, () -> PcapngCapture.of(a, "net0", Path.of("/dev/full")));
        assertEquals("No space left on device", e.getMessage());
    }

    @Test
    void shouldOpenTheFileThroughTheCaller() {
        RefusingCaller refusing = new RefusingCaller();
        IOException e =
                assertThrows(
                        FileNotFoundException.class,
                        () -> PcapngCapture.of(refusing, a, "net0", file.toString()));
        assertEquals(file + " (Permission denied)", e.getMessage());
        assertEquals(List.of(file.toString()), refusing.opened());
    }

    @Test
    void shouldRefuseANameThatIsTooLong() throws IOException {
        assertThrows(
                IllegalArgumentException.class, () -> PcapngCapture.of(a, "n".repeat(256), file));
        PcapngCapture.of(a, "n".repeat(255), file).close();
        assertEquals(255, Pcapng.read(file).description().option(2).length);
    }

    @Test
    void shouldAllocateNothingPerFrame() throws Exception {
        try (PcapngCapture capture = PcapngCapture.of(a, "net0", Path.of("/dev/null"));
                PcapngCapture other = PcapngCapture.of(b, "net0", Path.of("/dev/null"))) {
            ByteBuffer frame = frame(B, A, 1, 1514);
            ByteBuffer into = ByteBuffer.allocateDirect(1518);
            assertEquals(
                    0, Allocation.perCall(() -> capture.write(frame) && other.read(into.clear())));
        }
    }
}
