package jukvm.image;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import jukvm.error.ImageException;

/** An image that must be refused, and what the refusal must say beside the file's name. */
record BadImage(String what, ElfBuilder image, List<String> facts) {
    static BadImage of(String what, ElfBuilder image, String... facts) {
        return new BadImage(what, image, List.of(facts));
    }

    void assertRefused() {
        ImageException e = assertThrows(ImageException.class, image::parse);
        String message = e.getMessage();
        assertTrue(message.startsWith(ElfBuilder.NAME + ": "), message);
        for (String fact : facts) {
            assertTrue(message.contains(fact), () -> "'" + fact + "' in: " + message);
        }
        assertTrue(message.chars().allMatch(c -> c >= ' ' && c < 0x7f), message);
        assertFalse(e.isUnreadable(), message);
    }

    @Override
    public String toString() {
        return what;
    }
}
