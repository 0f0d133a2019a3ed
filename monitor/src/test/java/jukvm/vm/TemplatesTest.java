package jukvm.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.WeakReference;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import jukvm.abi.Dialect;
import jukvm.abi.PrivilegeLevel;
import jukvm.memory.GuestMemory;
import jukvm.memory.MemoryTemplate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Laid-out images are kept for as long as somebody has the image, and up to so many bytes. */
final class TemplatesTest {
    private static final int PAGE = GuestMemory.PAGE;
    private static final long SIZE = 1 << 20;
    private static final long KEPT = 10 * PAGE;

    private final Templates templates = new Templates(KEPT);

    @AfterEach
    void close() {
        templates.close();
    }

    private static TemplateKey key(Object origin) {
        return key(new WeakReference<>(origin), System.identityHashCode(origin), SIZE);
    }

    private static TemplateKey key(WeakReference<Object> origin, int identity, long memory) {
        return new TemplateKey(
                origin,
                identity,
                false,
                Dialect.HVT_2,
                PrivilegeLevel.RING_3,
                memory,
                Set.of(),
                false);
    }

    private static MemoryTemplate pages(int count) {
        try (GuestMemory memory = GuestMemory.allocate(SIZE)) {
            for (int page = 0; page < count; page++) {
                memory.putU64((long) page * PAGE, 1);
            }
            return memory.template(memory.size());
        }
    }

    private MemoryTemplate add(TemplateKey key, int pages) {
        assertFalse(templates.isWanted(key), "it is the first");
        assertTrue(templates.isWanted(key));
        MemoryTemplate made = templates.add(key, () -> pages(pages));
        assertSame(made, templates.find(key));
        return Objects.requireNonNull(made);
    }

    private static boolean isOpen(MemoryTemplate template) {
        try (GuestMemory memory = GuestMemory.allocate(SIZE)) {
            return memory.begin(template);
        }
    }

    @Test
    void shouldFindWhatIsOfTheSameImage() {
        Object image = new Object();
        assertEquals(key(image), key(image));
        assertEquals(key(image).hashCode(), key(image).hashCode());
        assertNotEquals(key(image), key(new Object()));
        assertNotEquals(key(image), key(new WeakReference<>(image), 1, 2 * SIZE));
        assertNull(templates.find(key(image)));
        MemoryTemplate made = add(key(image), 1);
        assertSame(made, templates.find(key(image)));
        assertFalse(templates.isWanted(key(image)));
    }

    @Test
    void shouldGiveUpThoseOfImagesThatNobodyHas() {
        Object image = new Object();
        Object dead = new Object();
        WeakReference<Object> reference = new WeakReference<>(dead);
        TemplateKey key = key(reference, System.identityHashCode(dead), SIZE);
        MemoryTemplate kept = add(key(image), 1);
        MemoryTemplate given = add(key, 1);
        reference.clear(); // As the collector does.
        assertTrue(isOpen(given));
        templates.forgetUnused();
        assertFalse(isOpen(given));
        assertNull(templates.find(key));
        assertSame(kept, templates.find(key(image)));
    }

    @Test
    void shouldHoldOnToNoImage() throws InterruptedException {
        WeakReference<Object> image = new WeakReference<>(new Object());
        addOf(image);
        long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (image.get() != null) {
            assertTrue(System.nanoTime() < patience, "it is held");
            System.gc();
            Thread.sleep(1);
        }
    }

    private void addOf(WeakReference<Object> image) {
        Object held = image.get();
        if (held != null) { // Else it went sooner.
            add(key(held), 1);
        }
    }

    @Test
    void shouldKeepNoMoreThanItMay() {
        Object[] images = {new Object(), new Object(), new Object(), new Object()};
        MemoryTemplate first = add(key(images[0]), 4);
        MemoryTemplate second = add(key(images[1]), 4);
        assertSame(first, templates.find(key(images[0]))); // Which makes it the one used last.
        MemoryTemplate third = add(key(images[2]), 6);
        assertFalse(isOpen(second));
        assertTrue(isOpen(first) && isOpen(third));
        add(key(images[3]), 10);
        assertFalse(isOpen(first) || isOpen(third));
    }

    @Test
    void shouldNotKeepWhatIsTooLarge() {
        Object small = new Object();
        Object large = new Object();
        MemoryTemplate kept = add(key(small), 1);
        assertFalse(templates.isWanted(key(large)));
        assertTrue(templates.isWanted(key(large)));
        assertNull(templates.add(key(large), () -> pages(11)));
        assertFalse(templates.isWanted(key(large)), "it would be as large again");
        assertNotNull(templates.find(key(small)));
        assertTrue(isOpen(kept));
    }
}
