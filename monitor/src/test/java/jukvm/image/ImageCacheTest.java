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
import jukvm.error.ImageException;
import jukvm.io.Caller;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageCacheTest {
    private static final long CAPACITY = 1 << 20;
    private static final int BEFORE_SETTLED_MILLIS = 2100;

    @TempDir private Path folder = Path.of("");
    private final ImageCache cache = new ImageCache(CAPACITY);

    private Path write(String name) throws IOException {
        return Files.write(folder.resolve(name), ElfBuilder.hvt().build());
    }

    private static void settle() throws InterruptedException {
        Thread.sleep(BEFORE_SETTLED_MILLIS); // Which the time of change, ctime, cannot be set to.
    }

    private GuestImage read(Path file) {
        return cache.read(Caller.self(), file);
    }

    @Test
    void shouldKeepAFileThatHasNotChangedForAWhile() throws Exception {
        long written = System.nanoTime();
        Path file = write("hello.hvt");
        GuestImage early = read(file);
        GuestImage next = read(file);
        if (System.nanoTime() - written < 1_000_000_000L) {
            assertNotSame(early, next, "it had just been written");
        }
        settle();
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
        Path[] files = {write("a"), write("b"), write("c"), write("d")};
        settle();
        ImageCache small = new ImageCache(3 * Files.size(files[0]));
        GuestImage[] images = new GuestImage[files.length];
        for (int i = 0; i < files.length; i++) {
            images[i] = small.read(Caller.self(), files[i]);
        }
        assertSame(images[3], small.read(Caller.self(), files[3]));
        assertSame(images[1], small.read(Caller.self(), files[1]));
        assertNotSame(images[0], small.read(Caller.self(), files[0]), "the oldest");
        assertSame(images[1], small.read(Caller.self(), files[1]), "used since");

        ImageCache none = new ImageCache(Files.size(files[0]) - 1);
        assertNotSame(none.read(Caller.self(), files[0]), none.read(Caller.self(), files[0]));
    }

    @Test
    void shouldTellLinksToOneFileApart() throws Exception {
        Path file = write("a");
        Path link = Files.createLink(folder.resolve("b"), file);
        settle();
        assertEquals(file.toString(), read(file).name());
        assertEquals(link.toString(), read(link).name());
        assertSame(read(link), read(link));
    }
}
