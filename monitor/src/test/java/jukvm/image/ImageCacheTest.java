package jukvm.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import jukvm.error.ImageException;
import jukvm.io.Requester;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageCacheTest {
    private static final long CAPACITY = 1 << 20;
    private static final int BEFORE_SETTLED_MILLIS = 2100;
    private static final int MOST = 64;

    @TempDir private static Path folder = Path.of("");
    private final ImageCache cache = new ImageCache(CAPACITY);

    // Once for all, since nothing but time makes a file one that has not changed for a while.
    @BeforeAll
    static void makeFiles() throws Exception {
        for (String name : List.of("hello.hvt", "a", "b", "c", "d")) {
            write(name);
        }
        Files.createLink(folder.resolve("link"), folder.resolve("a"));
        Files.write(folder.resolve("z"), GzipTest.pack(ElfBuilder.hvt().build()));
        for (int i = 0; i <= MOST; i++) {
            Files.createLink(folder.resolve("link" + i), folder.resolve("b"));
        }
        settle();
    }

    private static Path write(String name) throws IOException {
        return Files.write(folder.resolve(name), ElfBuilder.hvt().build());
    }

    private static void settle() throws InterruptedException {
        Thread.sleep(BEFORE_SETTLED_MILLIS); // Which the time of change, ctime, cannot be set to.
    }

    private GuestImage read(Path file) {
        return read(cache, file);
    }

    private static GuestImage read(ImageCache cache, Path file) {
        return cache.read(Requester.self(), file.toString());
    }

    @Test
    void shouldKeepNothingOfAFileThatHasJustChanged() throws Exception {
        long written = System.nanoTime();
        Path file = write("new");
        GuestImage first = read(file);
        GuestImage second = read(file);
        if (System.nanoTime() - written < 1_000_000_000L) { // Else it may have settled.
            assertNotSame(first, second);
        }
    }

    @Test
    void shouldKeepAFileThatHasNotChangedForAWhile() throws Exception {
        Path file = folder.resolve("hello.hvt");
        GuestImage kept = read(file);
        assertSame(kept, read(file));
        assertEquals(file.toString(), kept.name());

        Files.setLastModifiedTime(file, FileTime.fromMillis(1));
        assertNotSame(kept, read(file), "it was touched");
        settle();
        GuestImage again = read(file);
        assertSame(again, read(file));

        Path other = write("other.hvt");
        FileTime time = Files.getLastModifiedTime(file);
        Files.setLastModifiedTime(other, time);
        Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
        assertNotSame(again, read(file), "it was replaced");
        Files.writeString(file, "no guest");
        assertThrows(ImageException.class, () -> read(file));
        Files.delete(file);
        assertThrows(ImageException.class, () -> read(file));
    }

    @Test
    void shouldKeepNoMoreThanItMay() throws Exception {
        Path[] files = Stream.of("a", "b", "c", "d").map(folder::resolve).toArray(Path[]::new);
        ImageCache small = new ImageCache(3 * Files.size(files[0]));
        GuestImage[] images = new GuestImage[files.length];
        for (int i = 0; i < files.length; i++) {
            images[i] = read(small, files[i]);
        }
        assertSame(images[3], read(small, files[3]));
        assertSame(images[1], read(small, files[1]));
        assertNotSame(images[0], read(small, files[0]), "the oldest");
        assertSame(images[1], read(small, files[1]), "used since");

        ImageCache none = new ImageCache(Files.size(files[0]) - 1);
        assertNotSame(read(none, files[0]), read(none, files[0]));
    }

    @Test
    void shouldCountWhatAnImageUnpacksTo() throws Exception {
        Path file = folder.resolve("z");
        ImageCache one = new ImageCache(Files.size(file));
        assertNotSame(read(one, file), read(one, file));
        assertSame(read(file), read(file));
    }

    @Test
    void shouldHoldRoomForWhatAnImageUnpacksTo() throws Exception {
        ImageCache two = new ImageCache(2 * size());
        try (ImageCache.Held held = hold(two, "z").orElseThrow()) {
            assertEquals(size(), held.image().size());
            assertEquals(Optional.empty(), two.hold(size() + 1));
            two.hold(size()).orElseThrow().close();
        }
        two.hold(2 * size()).orElseThrow().close();
    }

    @Test
    void shouldHoldAFileThatHasJustChanged() throws Exception {
        write("fresh");
        ImageCache one = new ImageCache(size());
        try (ImageCache.Held held = hold(one, "fresh").orElseThrow()) {
            assertEquals(size(), held.image().size());
            assertEquals(Optional.empty(), one.hold(1));
        }
        one.hold(size()).orElseThrow().close();
    }

    @Test
    void shouldKeepSoManyAtMost() throws Exception {
        ImageCache large = new ImageCache((MOST + 1) * size());
        GuestImage first = read(large, folder.resolve("link0"));
        GuestImage second = read(large, folder.resolve("link1"));
        for (int i = 2; i < MOST; i++) {
            read(large, folder.resolve("link" + i));
        }
        large.hold(size()).orElseThrow().close();
        assertSame(first, read(large, folder.resolve("link0")), "for which there was room");
        read(large, folder.resolve("link" + MOST));
        large.hold(size()).orElseThrow().close();
        assertSame(first, read(large, folder.resolve("link0")), "used since");
        assertNotSame(second, read(large, folder.resolve("link1")), "the oldest");
    }

    @Test
    void shouldTellLinksToOneFileApart() throws Exception {
        Path file = folder.resolve("a");
        Path link = folder.resolve("link");
        assertEquals(file.toString(), read(file).name());
        assertEquals(link.toString(), read(link).name());
        assertSame(read(link), read(link));
    }

    private static Optional<ImageCache.Held> hold(ImageCache from, String name) {
        return from.hold(Requester.self(), folder.resolve(name).toString());
    }

    private static long size() throws IOException {
        return Files.size(folder.resolve("a"));
    }

    @Test
    void shouldGiveUpWhatItKeepsForWhatIsHeld() throws Exception {
        ImageCache small = new ImageCache(2 * size());
        GuestImage kept = read(small, folder.resolve("a"));
        try (ImageCache.Held one = hold(small, "b").orElseThrow();
                ImageCache.Held same = hold(small, "b").orElseThrow()) {
            assertSame(one.image(), same.image());
            assertSame(kept, read(small, folder.resolve("a")));
            try (ImageCache.Held two = hold(small, "c").orElseThrow()) {
                assertEquals(Optional.empty(), hold(small, "d"), "both are in use");
                assertEquals(Optional.empty(), hold(small, "a"), "it had to go");
                assertSame(two.image(), hold(small, "c").orElseThrow().image());
            }
        }
        assertNotSame(kept, hold(small, "a").orElseThrow().image());
    }

    @Test
    void shouldHoldNothingThatItHasNoRoomFor() throws Exception {
        assertEquals(Optional.empty(), hold(new ImageCache(size() - 1), "a"));
        ImageCache exact = new ImageCache(size());
        try (ImageCache.Held held = hold(exact, "a").orElseThrow()) {
            assertEquals(folder.resolve("a").toString(), held.image().name());
        }
    }

    @Test
    void shouldHoldRoomForWhatComesFromElsewhere() throws Exception {
        ImageCache small = new ImageCache(3 * size());
        assertEquals(Optional.empty(), small.hold(3 * size() + 1));
        ImageCache.Held room = small.hold(3 * size()).orElseThrow();
        assertThrows(IllegalStateException.class, room::image);
        assertEquals(Optional.empty(), hold(small, "a"));
        room.shrinkTo(2 * size());
        try (ImageCache.Held held = hold(small, "a").orElseThrow()) {
            assertEquals(Optional.empty(), small.hold(1));
            held.shrinkTo(0); // It is as large as it is.
            assertEquals(Optional.empty(), small.hold(1));
        }
        room.close();
        room.close();
        room.shrinkTo(0);
        assertEquals(Optional.empty(), small.hold(3 * size() + 1));
        small.hold(3 * size()).orElseThrow().close();
    }

    @Test
    void shouldHoldNothingThatIsNoImage() throws Exception {
        ImageCache small = new ImageCache(size());
        Path bad = Files.write(folder.resolve("bad"), new byte[(int) size()]);
        assertThrows(ImageException.class, () -> small.hold(Requester.self(), bad.toString()));
        assertThrows(ImageException.class, () -> cache.hold(Requester.self(), folder.toString()));
        small.hold(size()).orElseThrow().close();
    }
}
