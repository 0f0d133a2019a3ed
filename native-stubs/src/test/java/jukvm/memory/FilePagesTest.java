package jukvm.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import jukvm.io.HostFile;
import jukvm.memory.MemoryTemplate.Run;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Pages of a file in memory. Nobody writes to it here while it is kept: this process would be sent
 * SIGTERM, as a test of the command is.
 */
class FilePagesTest {
    private static final int PAGE = GuestMemory.PAGE;
    private static final long SIZE = 16L * PAGE;
    private static final List<Run> RUNS = List.of(run(2, 2), run(9, 1));

    @TempDir private Path folder;
    private Path file;

    private static Run run(int page, int pages) {
        return new Run((long) page * PAGE, (long) pages * PAGE);
    }

    // A page that is not memory's, and then the pages, each of its number.
    @BeforeEach
    void write() throws IOException {
        byte[] bytes = new byte[4 * PAGE];
        for (int page = 0; page < 4; page++) {
            Arrays.fill(bytes, page * PAGE, (page + 1) * PAGE, (byte) (0x10 + page));
        }
        file = Files.write(folder.resolve("pages"), bytes);
    }

    private Optional<FilePages> pages(List<Run> runs) {
        try (HostFile opened = HostFile.open(file.toString())) {
            return FilePages.of(opened, PAGE, runs);
        }
    }

    private MemoryTemplate template() {
        Optional<FilePages> pages = pages(RUNS);
        assumeTrue(pages.isPresent(), "no leases on this file system");
        return MemoryTemplate.filled(
                SIZE,
                filled -> {
                    filled.owned(0, PAGE).put(0, (byte) 1);
                    filled.owned(9L * PAGE, PAGE).put(0, (byte) 2); // Theirs counts.
                },
                pages.get());
    }

    private static List<Integer> firstBytes(GuestMemory memory) {
        return LongStream.range(0, SIZE / PAGE)
                .mapToObj(page -> (int) memory.owned(page * PAGE, PAGE).get(0))
                .toList();
    }

    private static List<Integer> expected() {
        return List.of(1, 0, 0x11, 0x12, 0, 0, 0, 0, 0, 0x13, 0, 0, 0, 0, 0, 0);
    }

    @Test
    void shouldBeginMemoryCopyOnWrite() throws IOException {
        byte[] before = Files.readAllBytes(file);
        try (GuestMemory memory = GuestMemory.allocate(SIZE);
                GuestMemory other = GuestMemory.allocate(SIZE);
                MemoryTemplate template = template();
                PageScan scan = PageScan.open()) {
            assertEquals(4 * PAGE, template.bytes());
            assertEquals(List.of(run(0, 1), run(2, 2), run(9, 1)), template.runs());
            assertTrue(memory.begin(template) && other.begin(template));
            assertEquals(expected(), firstBytes(memory));
            memory.putU64(3L * PAGE, 7);
            memory.putU64(5L * PAGE, 7);
            assertEquals(expected(), firstBytes(other));
            assertEquals(2 * PAGE, memory.touched(scan));
            memory.restore(scan);
            assertEquals(expected(), firstBytes(memory));
            template.show(9L * PAGE, PAGE, bytes -> assertEquals(0x13, bytes.get(100)));
            memory.clear();
            assertEquals(List.of(0), firstBytes(memory).stream().distinct().toList());
        }
        assertEquals(List.of(), differences(before, Files.readAllBytes(file)));
    }

    private static List<Integer> differences(byte[] one, byte[] other) {
        int at = Arrays.mismatch(one, other);
        return at < 0 ? List.of() : List.of(at);
    }

    @Test
    void shouldBeAmongWhatIsUsed() {
        try (GuestMemory memory = GuestMemory.allocate(SIZE);
                GuestMemory other = GuestMemory.allocate(SIZE);
                MemoryTemplate template = template()) {
            assertTrue(memory.begin(template));
            List<Long> used = new ArrayList<>();
            UsedPages.each(memory, gpa -> used.add(gpa / PAGE));
            assertEquals(List.of(0L, 2L, 3L, 9L), used);
            try (MemoryTemplate copy = memory.template(SIZE)) {
                assertTrue(other.begin(copy));
                assertEquals(expected(), firstBytes(other));
            }
        }
    }

    @Test
    void shouldJoinRunsThatMeet() {
        Optional<FilePages> pages = pages(List.of(run(2, 2), run(9, 1)));
        assumeTrue(pages.isPresent(), "no leases on this file system");
        try (FilePages some = pages.get()) {
            assertEquals(RUNS, some.with(List.of()));
            assertEquals(RUNS, some.with(List.of(run(3, 1), run(9, 1))));
            assertEquals(List.of(run(1, 9)), some.with(List.of(run(1, 1), run(4, 5))));
            assertEquals(
                    List.of(run(0, 1), run(2, 2), run(6, 1), run(9, 4)),
                    some.with(List.of(run(0, 1), run(6, 1), run(9, 4))));
        }
    }

    @Test
    void shouldNotBeOfAFileThatSomebodyMayWrite() throws IOException {
        try (FileChannel writer = FileChannel.open(file, StandardOpenOption.WRITE)) {
            assertTrue(writer.isOpen());
            assertFalse(pages(RUNS).isPresent());
        }
    }

    @Test
    void shouldLetGoOfTheFile() throws IOException {
        pages(RUNS).ifPresent(FilePages::close);
        Files.write(file, new byte[1], StandardOpenOption.APPEND);
    }

    @Test
    void shouldNotBeInMoreRunsThanTheHostMaps() {
        List<Run> many = new ArrayList<>();
        for (int i = 0; i < 1025; i++) {
            many.add(run(2 * i, 1));
        }
        assertFalse(pages(many).isPresent());
    }
}
