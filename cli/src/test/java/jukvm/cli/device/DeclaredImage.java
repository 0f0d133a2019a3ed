package jukvm.cli.device;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import jukvm.abi.AbiNote;
import jukvm.abi.Manifest;
import jukvm.image.GuestImage;

/** Guest images that do nothing, and declare devices. */
public final class DeclaredImage {
    private static final int HEADER_SIZE = 64;
    private static final int PROGRAM_HEADER_SIZE = 56;
    private static final int TEXT_GPA = 0x100000;

    private DeclaredImage() {}

    /** Returns a guest of before Solo5 0.6, which declares nothing. */
    public static GuestImage unmarked() {
        return image(part(1, new byte[] {(byte) 0xf4})); // hlt
    }

    /** Returns a guest that declares devices, as in {@code "block:storage net:service"}. */
    static GuestImage declaring(String devices) {
        String[] words = devices.isEmpty() ? new String[0] : devices.split(" ", -1);
        ByteBuffer manifest = buffer(8 + 104 * (words.length + 1));
        manifest.putInt(0, 1).putInt(4, words.length + 1).putInt(8 + 68, 0x40000000);
        for (int i = 0; i < words.length; i++) {
            int entry = 8 + 104 * (i + 1);
            String name = words[i].substring(words[i].indexOf(':') + 1);
            manifest.put(entry, name.getBytes(StandardCharsets.US_ASCII));
            manifest.putInt(entry + 68, words[i].startsWith("block:") ? 1 : 2);
        }
        byte[] abi = bytes(buffer(8).putInt(0, AbiNote.HVT).putInt(4, 2));
        return image(
                part(1, new byte[] {(byte) 0xf4}),
                part(4, note(AbiNote.TYPE, abi, 0)),
                part(4, note(Manifest.TYPE, bytes(manifest), 4)));
    }

    private record Part(int type, ByteBuffer content) {}

    private static Part part(int type, byte[] content) {
        return new Part(type, ByteBuffer.wrap(content));
    }

    private static ByteBuffer buffer(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.capacity()];
        buffer.get(0, bytes);
        return bytes;
    }

    private static byte[] note(int type, byte[] content, int padding) {
        ByteBuffer note = buffer(20 + padding + content.length);
        note.putInt(6).putInt(padding + content.length).putInt(type);
        note.put("Solo5\0\0\0".getBytes(StandardCharsets.US_ASCII));
        return bytes(note.put(20 + padding, content));
    }

    private static GuestImage image(Part... parts) {
        ByteArrayOutputStream contents = new ByteArrayOutputStream();
        ByteBuffer header = buffer(HEADER_SIZE + parts.length * PROGRAM_HEADER_SIZE);
        header.put(0, new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1});
        header.putShort(16, (short) 2).putShort(18, (short) 62).putInt(20, 1);
        header.putLong(24, TEXT_GPA).putLong(32, HEADER_SIZE);
        header.putShort(52, (short) HEADER_SIZE).putShort(54, (short) PROGRAM_HEADER_SIZE);
        header.putShort(56, (short) parts.length);
        for (int i = 0; i < parts.length; i++) {
            Part part = parts[i];
            int start = HEADER_SIZE + i * PROGRAM_HEADER_SIZE;
            int size = part.content.capacity();
            boolean isLoaded = part.type == 1;
            header.putInt(start, part.type).putInt(start + 4, isLoaded ? 5 : 4);
            header.putLong(start + 8, header.capacity() + contents.size());
            header.putLong(start + 16, isLoaded ? TEXT_GPA : 0);
            header.putLong(start + 24, isLoaded ? TEXT_GPA : 0);
            header.putLong(start + 32, size).putLong(start + 40, isLoaded ? size : 0);
            header.putLong(start + 48, isLoaded ? 4096 : 4);
            contents.writeBytes(bytes(part.content));
            contents.writeBytes(new byte[-size & 7]);
        }
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(bytes(header));
        file.writeBytes(contents.toByteArray());
        return GuestImage.of("guest.hvt", file.toByteArray());
    }
}
