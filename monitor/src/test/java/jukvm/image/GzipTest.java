package jukvm.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import jukvm.error.ImageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GzipTest {
    private static final byte[] IMAGE = ElfBuilder.hvt().build();
    private static final long LIMIT = 1 << 20;

    /** Compresses bytes. */
    static byte[] pack(byte[] bytes) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return packed.toByteArray();
    }

    // As gzip(1) makes it of a named file, with whatever a header may have.
    private static byte[] packWithHeader(int flags, byte[] bytes) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        packed.writeBytes(new byte[] {0x1f, (byte) 0x8b, 8, (byte) flags, 0, 0, 0, 0, 0, 3});
        packed.writeBytes((flags & 4) == 0 ? new byte[0] : new byte[] {3, 0, 1, 2, 3});
        packed.writeBytes(((flags & 8) == 0 ? "" : "hello.hvt\0").getBytes(StandardCharsets.UTF_8));
        packed.writeBytes(((flags & 16) == 0 ? "" : "a guest\0").getBytes(StandardCharsets.UTF_8));
        packed.writeBytes(new byte[(flags & 2) == 0 ? 0 : 2]);
        Deflater deflater = new Deflater(9, true);
        deflater.setInput(bytes);
        deflater.finish();
        byte[] data = new byte[bytes.length + 100];
        packed.write(data, 0, deflater.deflate(data));
        deflater.end();
        CRC32 check = new CRC32();
        check.update(bytes);
        for (long word : new long[] {check.getValue(), bytes.length}) {
            for (int i = 0; i < 4; i++) {
                packed.write((int) (word >>> 8 * i));
            }
        }
        return packed.toByteArray();
    }

    private static byte[] noise(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    private static byte[] join(byte[] one, byte[] other) {
        byte[] both = Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
    }

    private static String refusal(byte[] packed) {
        ImageException e = assertThrows(ImageException.class, () -> GuestImage.of("x", packed));
        assertTrue(e.getMessage().startsWith("x: gzip: "), e.getMessage());
        return e.getMessage();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 100, 65536, 65537, 300_000})
    void shouldUnpackWhatWasPacked(int size) {
        assertArrayEquals(noise(size), Gzip.unpack(pack(noise(size)), LIMIT));
        assertArrayEquals(new byte[size], Gzip.unpack(pack(new byte[size]), LIMIT));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 4, 8, 16, 31})
    void shouldSkipWhatAHeaderMayHave(int flags) {
        assertArrayEquals(IMAGE, Gzip.unpack(packWithHeader(flags, IMAGE), LIMIT));
    }

    @Test
    void shouldUnpackSeveralMembers() {
        byte[] one = Arrays.copyOf(IMAGE, 100);
        byte[] rest = Arrays.copyOfRange(IMAGE, 100, IMAGE.length);
        assertArrayEquals(IMAGE, Gzip.unpack(join(pack(one), pack(rest)), LIMIT));
    }

    @Test
    void shouldReadAnImage() {
        GuestImage image = GuestImage.of("hello.hvt.gz", pack(IMAGE));
        assertEquals(IMAGE.length, image.size());
        assertEquals(ElfBuilder.hvt().parse().segments(), image.segments());
    }

    @Test
    void shouldRefuseOneThatIsCutOffAnywhere() {
        byte[] packed = packWithHeader(31, IMAGE);
        for (int size = 2; size < packed.length; size++) {
            String message = refusal(Arrays.copyOf(packed, size));
            assertTrue(message.endsWith("cut off: " + size + " bytes are not all of it"), message);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 0", "2, 0", "1, 31", "100, 1"})
    void shouldRefuseWhatFollowsItsEnd(int bytes, byte value) {
        byte[] packed = pack(IMAGE);
        byte[] garbage = new byte[bytes];
        Arrays.fill(garbage, value);
        String fact = "gzip: " + bytes + " bytes follow its end, from byte " + packed.length;
        assertEquals("x: " + fact, refusal(join(packed, garbage)));
    }

    @Test
    void shouldRefuseOrAcceptAnyByteChanged() {
        byte[] packed = pack(IMAGE);
        for (int i = 2; i < packed.length; i++) {
            byte[] bent = packed.clone();
            bent[i] ^= 0x10;
            try {
                assertArrayEquals(IMAGE, Gzip.unpack(bent, LIMIT)); // Time and system do not count.
            } catch (ImageException e) {
                assertTrue(e.getMessage().startsWith("gzip: "), e.getMessage());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"2, 7, method 7", "3, 32, flags 32", "3, -128, flags 128"})
    void shouldRefuseWhatItDoesNotKnow(int offset, byte value, String fact) {
        byte[] packed = pack(IMAGE);
        packed[offset] = value;
        assertTrue(refusal(packed).contains(fact), refusal(packed));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4, 8})
    void shouldNotUnpackMoreThanTheLimit(int promise) {
        byte[] bomb = pack(new byte[2 << 20]);
        if (promise > 0) {
            Arrays.fill(bomb, bomb.length - promise, bomb.length, (byte) promise);
        }
        ImageException e = assertThrows(ImageException.class, () -> Gzip.unpack(bomb, LIMIT));
        assertEquals("gzip: unpacks to more than the 1048576 bytes allowed", e.getMessage());
        byte[] most = new byte[(int) LIMIT];
        assertArrayEquals(most, Gzip.unpack(pack(most), LIMIT));
    }

    @Test
    void shouldNotUnpackTwice() {
        ImageException e =
                assertThrows(ImageException.class, () -> GuestImage.of("x", pack(pack(IMAGE))));
        assertTrue(e.getMessage().contains("not an ELF file (starts with 1f 8b"), e.getMessage());
        assertTrue(e.getMessage().contains("gzip in gzip"), e.getMessage());
    }
}
