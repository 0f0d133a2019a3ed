package jukvm.image;

import static jukvm.image.ElfBuilder.DATA_GPA;
import static jukvm.image.ElfBuilder.TEXT_GPA;
import static jukvm.image.ElfBuilder.TEXT_SIZE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import jukvm.abi.Dialect;
import jukvm.error.ConfigException;
import jukvm.error.ImageException;
import org.junit.jupiter.api.Test;

/** Images that do not come from files, and what an image tells of itself. */
final class ImageSourcesTest {
    private static final byte[] GUEST = ElfBuilder.hvt().build();

    /** Fails if it is read after its bytes, or closed. */
    private static final class Broken extends FilterInputStream {
        Broken(byte[] bytes) {
            super(new ByteArrayInputStream(bytes));
        }

        @Override
        public int read(byte[] to, int from, int length) throws IOException {
            int read = super.read(to, from, length);
            if (read < 0) {
                throw new IOException("it broke");
            }
            return read;
        }

        @Override
        public void close() throws IOException {
            throw new IOException("not the reader's to close");
        }
    }

    @Test
    void shouldReadBytesAndStreams() throws IOException {
        GuestImage ofBytes = GuestImage.read(GUEST);
        assertEquals("guest image", ofBytes.name());
        InputStream stream = new ByteArrayInputStream(GzipTest.pack(GUEST));
        GuestImage ofStream = GuestImage.read(stream);
        assertEquals("guest image", ofStream.name());
        assertEquals(-1, stream.read());
        for (GuestImage image : new GuestImage[] {ofBytes, ofStream}) {
            ByteArrayOutputStream written = new ByteArrayOutputStream();
            image.writeTo(written);
            assertArrayEquals(GUEST, written.toByteArray());
            assertEquals(GUEST.length, image.size());
        }
    }

    @Test
    void shouldSayWhenAStreamCannotBeRead() {
        ImageException broken =
                assertThrows(ImageException.class, () -> GuestImage.read(new Broken(GUEST)));
        assertEquals("guest image: cannot read: it broke", broken.getMessage());
        assertTrue(broken.isUnreadable());
    }

    @Test
    void shouldUnpackNoMoreThanItMay() {
        byte[] packed = GzipTest.pack(GUEST);
        assertEquals(GUEST.length, GuestImage.of("x", packed, GUEST.length).size());
        ImageException refused =
                assertThrows(
                        ImageException.class, () -> GuestImage.of("x", packed, GUEST.length - 1));
        assertEquals(
                "x: gzip: unpacks to more than the " + (GUEST.length - 1) + " bytes allowed",
                refused.getMessage());
    }

    @Test
    void shouldNotSeeBytesFromElsewhereChange() {
        byte[] bytes = GUEST.clone();
        GuestImage image = GuestImage.of("x", bytes, bytes.length);
        bytes[0] = 0;
        assertArrayEquals(GUEST, written(image));
    }

    private static byte[] written(GuestImage image) {
        ByteArrayOutputStream to = new ByteArrayOutputStream();
        try {
            image.writeTo(to);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return to.toByteArray();
    }

    @Test
    void shouldKnowItsCode() {
        GuestImage image = GuestImage.read(GUEST);
        assertFalse(image.isCode(TEXT_GPA - 1));
        assertTrue(image.isCode(TEXT_GPA));
        assertTrue(image.isCode(TEXT_GPA + TEXT_SIZE - 1));
        assertFalse(image.isCode(TEXT_GPA + TEXT_SIZE));
        assertFalse(image.isCode(DATA_GPA));
        assertFalse(image.isCode(-1));
    }

    @Test
    void shouldBeginWhereItsFirstBytesDo() {
        GuestImage image =
                ElfBuilder.ukvm()
                        .load(ElfBuilder.R, 0xa00123, new byte[1], 1)
                        .load(ElfBuilder.R, 0x400000, new byte[0], 4096)
                        .parse();
        assertEquals(TEXT_GPA, image.start());
        GuestImage high =
                ElfBuilder.empty()
                        .load(5, 0xa01010, ElfBuilder.code(8), 8)
                        .load(6, 0x200000, new byte[0], 4096)
                        .parse();
        assertEquals(0xa01000, high.start());
    }

    @Test
    void shouldKnowWhenItWasRead() {
        long before = System.nanoTime();
        long readAt = GuestImage.read(GUEST).readAt();
        assertTrue(readAt - before >= 0);
        assertTrue(System.nanoTime() - readAt >= 0);
    }

    @Test
    void shouldRunAsADialectOfItsGenerationAlone() {
        GuestImage marked = GuestImage.read(GUEST);
        marked.requireDialect(Dialect.HVT_1);
        ConfigException refused =
                assertThrows(ConfigException.class, () -> marked.requireDialect(Dialect.UKVM_0_2));
        assertEquals(
                "guest image: is of dialect 'hvt 2' and cannot run as 'ukvm 0.2'",
                refused.getMessage());
        GuestImage unmarked = ElfBuilder.ukvm().parse();
        assertThrows(ConfigException.class, () -> unmarked.requireDialect(Dialect.HVT_2));
    }
}
