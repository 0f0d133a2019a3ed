package jukvm.tests.support;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Our guests, built with symbols, lines and frame pointers, as their authors would for gdb. */
public final class DebugGuests {
    private DebugGuests() {}

    /** Builds some into a folder, by file name; needs gcc and make. */
    public static void build(Path folder, List<String> names)
            throws IOException, InterruptedException {
        StringBuilder guests = new StringBuilder();
        for (String name : names) {
            guests.append(" '").append(folder.resolve(name)).append('\'');
        }
        // The flags that the Makefile links with, but for the one that strips.
        Command made =
                Command.sh(
                        "cd '"
                                + Guests.ROOT
                                + "/guest-images' && flags=$(sed -n '/^LDFLAGS/,/[^\\\\]$/p'"
                                + " Makefile | tr -d '\\\\\\n' | sed 's/.*:= //; s/ -s / /')"
                                + " && make OUT='"
                                + folder
                                + "' CC='gcc -g -fno-omit-frame-pointer' LDFLAGS=\"$flags\""
                                + guests);
        assertEquals(0, made.status(), made.toString());
    }

    /** Runs gdb to its end, by words that say what it does; it asks nobody for symbols. */
    public static Command gdb(String... words) throws IOException, InterruptedException {
        return gdb(Command.PATIENCE, words);
    }

    /** Runs gdb likewise, for as long as that. */
    public static Command gdb(Duration patience, String... words)
            throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of("gdb", "-nx", "-q", "-batch"));
        line.addAll(List.of(words));
        return Command.program(
                patience, Map.of("DEBUGINFOD_URLS", ""), line.toArray(String[]::new));
    }
}
