package jukvm.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import jukvm.libc.Mapping;
import jukvm.memory.MemoryTemplate.Run;
import jukvm.testing.OpenFiles;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What memory begins with, each copy-on-write, and that nothing of it changes under the others. */
final class MemoryTemplateTest {
    private static final int PAGE = GuestMemory.PAGE;
    private static final long SIZE = 4L << 20;
    private static final String FILE = "/memfd:jukvm-template";

    private final GuestMemory memory = GuestMemory.allocate(SIZE);
    private final GuestMemory other = GuestMemory.allocate(SIZE);

    @AfterEach
    void close() {
        memory.close();
        other.close();
    }

    /** Puts a number at the start and the end of pages. */
    private static void mark(GuestMemory memory, long value, int... pages) {
        for (int page : pages) {
            memory.owned((long) page * PAGE, PAGE).putLong(0, value).putLong(PAGE - 8, value);
        }
    }

    private static void assertMarked(GuestMemory memory, long value, int... pages) {
        for (int page : pages) {
            ByteBuffer at = memory.owned((long) page * PAGE, PAGE);
            assertEquals(value, at.getLong(0), "page " + page);
            assertEquals(value, at.getLong(PAGE - 8), "page " + page);
        }
    }

    @Test
    void shouldHoldWhatWasThereAndTakeNoRoomForTheRest() {
        mark(memory, 7, 1, 2, 5);
        mark(memory, 0, 3, 900); // Touched, but zero.
        memory.hide(2 * PAGE, PAGE);
        try (MemoryTemplate template = memory.template(memory.size())) {
            assertEquals(6 * PAGE, template.length());
            assertEquals(3 * PAGE, template.bytes());
            assertEquals(
                    List.of(new Run(PAGE, 2 * PAGE), new Run(5 * PAGE, PAGE)), template.runs());
            assertTrue(template.isReadable(0, 2 * PAGE));
            assertFalse(template.isReadable(0, 2 * PAGE + 1));
            List<Long> shown = new ArrayList<>();
            template.show(2 * PAGE - 8, 16, at -> shown.add(at.getLong(0) * at.getLong(8)));
            assertEquals(List.of(49L), shown);
        }
    }

    @Test
    void shouldShareNothingThatIsWrittenLater() {
        mark(memory, 7, 1, 2);
        try (MemoryTemplate template = memory.template(memory.size());
                GuestMemory third = GuestMemory.allocate(SIZE)) {
            mark(memory, 8, 1);
            mark(other, 9, 1, 4);
            assertTrue(other.begin(template));
            assertTrue(third.begin(template));
            assertSame(template, other.begunWith());
            assertMarked(other, 7, 1, 2);
            assertMarked(other, 0, 0, 3, 4);
            mark(other, 10, 1, 4);
            assertMarked(third, 7, 1, 2);
            assertMarked(third, 0, 4);
            assertMarked(memory, 8, 1);
            template.show(PAGE, 8, at -> assertEquals(7, at.getLong(0)));
        }
        assertMarked(other, 10, 1, 4); // It outlives the template.
        assertMarked(other, 7, 2);
    }

    @Test
    void shouldGiveItsRightsToWhatBeginsWithIt() {
        mark(memory, 7, 1);
        memory.protect(3 * PAGE, PAGE);
        other.protect(0, PAGE);
        try (MemoryTemplate template = memory.template(memory.size())) {
            memory.protect(4 * PAGE, PAGE);
            assertTrue(other.begin(template));
        }
        assertTrue(other.isWritable(0, 3 * PAGE));
        assertFalse(other.isWritable(3 * PAGE, 1));
        assertTrue(other.isWritable(4 * PAGE, PAGE));
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "2, 0", "3, 1", "299, 1", "300, 1", "301, 2", "1024, 2"})
    void shouldGiveTheRightsOfRangesThatBeginBelowAnEnd(int end, int kept) {
        mark(memory, 7, 1);
        memory.protect(2 * PAGE, PAGE);
        memory.protect(300L * PAGE, PAGE);
        memory.hide(2 * PAGE, PAGE);
        try (MemoryTemplate template = memory.template((long) end * PAGE)) {
            assertTrue(other.begin(template));
            assertEquals(kept == 0, template.isReadable(2 * PAGE, 1));
        }
        assertEquals(kept == 0, other.isWritable(2 * PAGE, 1));
        assertEquals(kept == 0, other.isReadable(2 * PAGE, 1));
        assertEquals(kept < 2, other.isWritable(300L * PAGE, 1));
    }

    @Test
    void shouldBeGoneWhenMemoryIsCleared() {
        mark(memory, 7, 1);
        try (MemoryTemplate template = memory.template(memory.size())) {
            assertTrue(other.begin(template));
            mark(other, 8, 3);
            other.clear();
            assertNull(other.begunWith());
            assertMarked(other, 0, 1, 3);
            assertMarked(memory, 7, 1);
            assertThrows(NullPointerException.class, () -> other.restore(PageScan.slow()));
        }
    }

    @Test
    void shouldBeginNothingWhenItIsClosed() {
        mark(memory, 7, 1);
        mark(other, 8, 1, 3);
        MemoryTemplate template = memory.template(memory.size());
        template.close();
        assertFalse(other.begin(template));
        assertNull(other.begunWith());
        assertMarked(other, 0, 1, 3);
        assertThrows(IllegalStateException.class, template::runs);
        assertThrows(IllegalStateException.class, () -> template.show(0, 8, at -> {}));
        template.close();
    }

    @Test
    void shouldBeFilledBySomebodyElse() throws InterruptedException {
        OpenFiles before = OpenFiles.now(FILE);
        Consumer<GuestMemory> filler =
                filled -> {
                    mark(filled, 7, 2, 1023);
                    filled.protect(2 * PAGE, PAGE);
                };
        try (MemoryTemplate template = MemoryTemplate.filled(SIZE, filler, null)) {
            assertEquals(SIZE, template.length());
            assertEquals(2 * PAGE, template.bytes());
            assertTrue(other.begin(template));
        }
        assertMarked(other, 7, 2, 1023);
        assertMarked(other, 0, 1, 3, 1022);
        assertFalse(other.isWritable(2 * PAGE, 1));
        other.clear();
        try (MemoryTemplate template =
                MemoryTemplate.filled(SIZE, filled -> mark(filled, 7, 4), null)) {
            assertEquals(5 * PAGE, template.length());
        }
        before.assertNothingMore();
    }

    // A JVM that reads behind the end of a file dies, and what guests begin with is all theirs.
    @Test
    void shouldBeNobodysToChangeOrCut() throws IOException {
        mark(memory, 7, 1);
        try (MemoryTemplate copied = memory.template(SIZE);
                MemoryTemplate filled = MemoryTemplate.filled(SIZE, at -> mark(at, 7, 1), null)) {
            assertEquals(copied.runs(), filled.runs());
            List<Path> files = files();
            assertTrue(files.size() >= 2, files.toString());
            for (Path file : files) {
                try (FileChannel at = FileChannel.open(file, StandardOpenOption.WRITE)) {
                    assertThrows(IOException.class, () -> at.truncate(0));
                    ByteBuffer some = ByteBuffer.allocate(1);
                    assertThrows(IOException.class, () -> at.write(some, 0));
                    assertThrows(IOException.class, () -> at.write(some, at.size()));
                }
            }
        }
    }

    private static List<Path> files() throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors.filter(MemoryTemplateTest::isTemplate).toList();
        }
    }

    private static boolean isTemplate(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().startsWith(FILE);
        } catch (IOException e) {
            return false; // It has been closed since the folder was read.
        }
    }

    @Test
    void shouldPassOnWhatItsFillerThrows() throws InterruptedException {
        OpenFiles before = OpenFiles.now(FILE);
        RuntimeException thrown = new IllegalStateException("of the filler");
        assertSame(
                thrown,
                assertThrows(
                        IllegalStateException.class,
                        () ->
                                MemoryTemplate.filled(
                                        SIZE,
                                        filled -> {
                                            throw thrown;
                                        },
                                        null)));
        before.assertNothingMore();
    }

    /** Has both ways of putting memory back, of which a host may know the slow one alone. */
    private void assertRestores(boolean inPlace, int... written) {
        try (PageScan fast = PageScan.open();
                PageScan slow = PageScan.slow()) {
            mark(other, 8, written);
            assertEquals(inPlace && knowsPages(fast), other.restore(fast));
            assertRestored(written);
            mark(other, 9, written);
            assertFalse(other.restore(slow));
            assertRestored(written);
        }
    }

    private static boolean knowsPages(PageScan scan) {
        try (GuestMemory probe = GuestMemory.allocate(PAGE);
                Mapping arena = Mapping.anonymous(PageScan.ARENA)) {
            return scan.find(probe.mapping(), arena, 1) == 0;
        }
    }

    private void assertRestored(int... written) {
        for (int page : written) {
            assertMarked(other, page == 1 || page == 2 || page == 300 ? 7 : 0, page);
        }
        assertMarked(other, 7, 1, 2, 300);
    }

    private MemoryTemplate begun() {
        mark(memory, 7, 1, 2, 300);
        memory.protect(2 * PAGE, PAGE);
        memory.protect(300L * PAGE, 2 * PAGE);
        MemoryTemplate template = memory.template(memory.size());
        assertTrue(other.begin(template));
        return template;
    }

    @Test
    void shouldPutBackAFewPagesInPlaceAndReturnMany() {
        try (MemoryTemplate template = begun()) {
            assertEquals(301 * PAGE, template.length());
            assertEquals(3 * PAGE, template.bytes());
            assertRestores(true);
            // Of the template and beyond it, and where the guest cannot write but the monitor does.
            assertRestores(true, 0, 1, 2, 3, 299, 302, 1023);
            int[] most = new int[64];
            int[] more = new int[65];
            for (int i = 0; i < more.length; i++) {
                more[i] = 400 + i;
                most[i % 64] = 400 + i % 64;
            }
            assertRestores(true, most);
            assertRestores(false, more);
        }
    }

    @Test
    void shouldRestoreRightsAlso() {
        try (MemoryTemplate template = begun();
                PageScan scan = PageScan.open()) {
            other.protect(500L * PAGE, PAGE);
            other.restore(scan);
            assertTrue(other.isWritable(500L * PAGE, PAGE));
            assertFalse(other.isWritable(300L * PAGE, 1));
            assertSame(template, other.begunWith());
        }
    }

    // It is nobody's to write above what is the monitor's, so there is nothing to put back.
    @Test
    void shouldNotLookAtWhatNobodyWrites() {
        try (MemoryTemplate template = begun();
                PageScan scan = PageScan.slow()) {
            mark(other, 8, 300, 301);
            assertFalse(other.restore(scan));
            assertMarked(other, 8, 300, 301);
            assertTrue(template.isReadable(300L * PAGE, PAGE));
        }
    }

    @Test
    void shouldPutBackWhatLiesBetweenPagesThatNobodyWrites() {
        mark(memory, 7, 1, 300, 400);
        memory.protect(256L * PAGE, 100L * PAGE); // From the end of what is the monitor's.
        memory.protect(400L * PAGE, SIZE - 400L * PAGE); // To the end of memory.
        try (MemoryTemplate template = memory.template(memory.size());
                PageScan scan = PageScan.slow()) {
            assertTrue(other.begin(template));
            mark(other, 8, 1, 255, 256, 355, 356, 399, 400, 1023);
            assertFalse(other.restore(scan));
            assertMarked(other, 7, 1);
            assertMarked(other, 0, 255, 356, 399);
            assertMarked(other, 8, 256, 355, 400, 1023);
        }
    }

    @Test
    void shouldRestoreFromATemplateThatIsClosed() {
        begun().close();
        mark(other, 8, 1, 5);
        try (PageScan scan = PageScan.open()) {
            assertFalse(other.restore(scan));
        }
        assertRestored(5);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5, 1023})
    void shouldBackWhatWillBeTouchedSoon(int page) {
        try (PageScan scan = PageScan.open()) {
            memory.populate((long) page * PAGE, PAGE);
            assertEquals(PAGE, memory.touched(scan));
            memory.populate(SIZE - PAGE, 2 * PAGE); // Not all of it is there.
            memory.populate(-PAGE, PAGE);
            assertEquals(PAGE, memory.touched(scan));
        }
    }

    @Test
    void shouldRefuseUseAfterClose() {
        try (MemoryTemplate template = begun();
                PageScan scan = PageScan.open()) {
            other.close();
            assertThrows(IllegalStateException.class, () -> other.begin(template));
            assertThrows(IllegalStateException.class, () -> other.restore(scan));
            assertThrows(IllegalStateException.class, () -> other.template(PAGE));
            assertThrows(IllegalStateException.class, other::clear);
            assertThrows(IllegalStateException.class, () -> other.populate(0, PAGE));
        }
    }
}
