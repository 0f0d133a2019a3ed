package jukvm.image;

import static jukvm.image.ElfBuilder.DATA_GPA;
import static jukvm.image.ElfBuilder.DATA_SIZE;
import static jukvm.image.ElfBuilder.TEXT_GPA;
import static jukvm.image.ElfBuilder.TEXT_SIZE;
import static jukvm.image.ElfBuilder.code;
import static jukvm.image.ElfBuilder.data;
import static jukvm.image.ElfBuilder.hvt;
import static jukvm.image.ElfBuilder.ukvm;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import jukvm.error.ImageException;
import jukvm.memory.GuestMemory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GuestImageTest {
    /** Checks what must hold of every image that is accepted, whatever its bytes were. */
    static void assertSound(GuestImage image) {
        long end = 0;
        boolean entryIsCode = false;
        for (Segment segment : image.segments()) {
            assertTrue(segment.fileSize() == 0 || segment.gpa() >= 0x100000, segment::toString);
            assertTrue(segment.memorySize() > 0, segment::toString);
            assertTrue(segment.fileSize() <= segment.memorySize(), segment::toString);
            assertTrue(segment.pageEnd() > segment.gpa(), segment::toString);
            assertTrue(segment.pageEnd() <= 4L << 30, segment::toString);
            assertTrue(segment.pageEnd() <= image.end(), segment::toString);
            assertFalse(image.dialect().isMarked() && segment.hasAllRights(), segment::toString);
            if (segment.fileSize() > 0) {
                assertTrue(segment.fileOffset() >= 0, segment::toString);
                assertTrue(
                        (long) segment.fileOffset() + segment.fileSize() <= image.size(),
                        segment::toString);
                assertTrue(segment.pageStart() >= end, segment::toString);
                end = segment.pageEnd();
            }
            entryIsCode |=
                    segment.executable()
                            && image.entry() >= segment.gpa()
                            && image.entry() < segment.gpa() + segment.fileSize();
        }
        assertTrue(entryIsCode);
    }

    private static boolean isAccepted(byte[] bytes) {
        try {
            assertSound(GuestImage.of("x", bytes));
            return true;
        } catch (ImageException e) {
            assertTrue(e.getMessage().startsWith("x: "), e.getMessage());
            return false;
        }
    }

    static Stream<byte[]> validImages() {
        return Stream.of(hvt().build(), ukvm().build());
    }

    @ParameterizedTest
    @MethodSource("validImages")
    void shouldRefuseOrAcceptAnyTruncation(byte[] valid) {
        assertTrue(isAccepted(valid));
        for (int size = 0; size < valid.length - 8; size++) {
            assertFalse(isAccepted(Arrays.copyOf(valid, size)), "size " + size);
        }
    }

    @ParameterizedTest
    @MethodSource("validImages")
    void shouldRefuseOrAcceptAnyByteChanged(byte[] valid) {
        int refused = 0;
        for (int i = 0; i < valid.length; i++) {
            byte[] bytes = valid.clone();
            for (int value = 0; value < 256; value++) {
                bytes[i] = (byte) value;
                refused += isAccepted(bytes) ? 0 : 1;
            }
        }
        assertTrue(refused > 64 * 255 / 2, "refused " + refused);
    }

    @ParameterizedTest
    @MethodSource("validImages")
    void shouldRefuseOrAcceptManyBytesChanged(byte[] valid) {
        Random random = new Random(1);
        long[] odd = {0, 1, -1, 1L << 31, 1L << 32, 1L << 63, Long.MAX_VALUE, 4096, 0x100000};
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = valid.clone();
            for (int n = random.nextInt(4); n >= 0; n--) {
                int at = random.nextInt(valid.length - 8) & -4;
                long value = odd[random.nextInt(odd.length)] + random.nextInt(3) - 1;
                for (int k = 0; k < 8; k++) {
                    bytes[at + k] = (byte) (value >>> 8 * k);
                }
            }
            refused += isAccepted(bytes) ? 0 : 1;
        }
        assertTrue(refused > 10_000, "refused " + refused);
    }

    @Test
    void shouldLoadSegmentsAndNothingElse() {
        try (GuestMemory memory = GuestMemory.allocate(2L << 20)) {
            hvt().parse().load(memory);
            byte[] found = new byte[2 << 20];
            memory.readable(0, found.length).get(found);
            byte[] expected = new byte[2 << 20];
            System.arraycopy(code(TEXT_SIZE), 0, expected, (int) TEXT_GPA, TEXT_SIZE);
            System.arraycopy(data(DATA_SIZE), 0, expected, (int) DATA_GPA, DATA_SIZE);
            assertArrayEquals(expected, found);
        }
    }

    @Test
    void shouldNotSeeItsBytesChange() {
        byte[] bytes = hvt().build();
        GuestImage image = GuestImage.of("x", bytes);
        Arrays.fill(bytes, (byte) 0);
        try (GuestMemory memory = GuestMemory.allocate(2L << 20)) {
            image.load(memory);
            assertEquals(0xf4, memory.u8(TEXT_GPA));
        }
    }

    @Test
    void shouldNotLetSegmentsBeChanged() {
        assertThrows(UnsupportedOperationException.class, () -> hvt().parse().segments().clear());
    }
}
