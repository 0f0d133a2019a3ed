package jukvm.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** Reads a capture file as draft-ietf-opsawg-pcapng says, and fails at anything amiss. */
final class Pcapng {
    /** A block: its type, fixed part, and options by code. */
    record Block(int type, ByteBuffer body, Map<Integer, byte[]> options) {
        byte[] option(int code) {
            return Objects.requireNonNull(options.get(code));
        }
    }

    /** A frame: what was captured, its length before that, its time, and direction. */
    record Frame(ByteBuffer bytes, int length, long time, int flags) {}

    private final List<Block> blocks = new ArrayList<>();

    private Pcapng() {}

    static Pcapng read(Path path) throws IOException {
        ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
        Pcapng pcapng = new Pcapng();
        while (file.hasRemaining()) {
            int start = file.position();
            int length = file.getInt(start + 4);
            assertEquals(0, length % 4);
            assertTrue(length >= 12 && length <= file.remaining(), "a whole block");
            assertEquals(length, file.getInt(start + length - 4));
            ByteBuffer body = file.slice(start + 8, length - 12).order(ByteOrder.LITTLE_ENDIAN);
            pcapng.blocks.add(block(file.getInt(start), body));
            file.position(start + length);
        }
        return pcapng;
    }

    private static Block block(int type, ByteBuffer body) {
        int options =
                switch (type) {
                    case 0x0a0d0d0a -> 16;
                    case 1 -> 8;
                    case 6 -> 20 + (body.getInt(12) + 3) / 4 * 4;
                    default -> throw new AssertionError("block type " + type);
                };
        Map<Integer, byte[]> found = new TreeMap<>();
        body.position(options);
        for (int code; (code = body.getShort()) != 0; ) {
            byte[] value = new byte[body.getShort()];
            body.get(value);
            body.position((body.position() + 3) / 4 * 4);
            found.put(code, value);
        }
        assertEquals(0, body.getShort());
        assertEquals(0, body.remaining());
        return new Block(type, body.rewind(), found);
    }

    Block section() {
        assertEquals(0x0a0d0d0a, blocks.get(0).type);
        return blocks.get(0);
    }

    Block description() {
        assertEquals(1, blocks.get(1).type);
        return blocks.get(1);
    }

    List<Frame> frames() {
        List<Frame> frames = new ArrayList<>();
        for (Block block : blocks.subList(2, blocks.size())) {
            assertEquals(6, block.type);
            ByteBuffer body = block.body;
            assertEquals(0, body.getInt(0));
            byte[] flags = block.option(2);
            assertEquals(4, flags.length);
            frames.add(
                    new Frame(
                            body.slice(20, body.getInt(12)),
                            body.getInt(16),
                            (long) body.getInt(4) << 32 | body.getInt(8) & 0xffffffffL,
                            ByteBuffer.wrap(flags).order(ByteOrder.LITTLE_ENDIAN).getInt()));
        }
        return frames;
    }
}
