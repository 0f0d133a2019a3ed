package jukvm.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class SystemCallNamesTest {
    private static final List<Path> HEADERS =
            List.of(
                    Path.of("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
                    Path.of("/usr/include/asm/unistd_64.h"));

    @Test
    void shouldNameCallsAsTheHeaderDoes() throws IOException {
        List<Path> header = HEADERS.stream().filter(Files::exists).limit(1).toList();
        assumeTrue(!header.isEmpty(), "no headers of the kernel");
        List<MatchResult> names =
                Pattern.compile("#define __NR_(\\w+) (\\d+)")
                        .matcher(Files.readString(header.get(0)))
                        .results()
                        .toList();
        assertEquals(false, names.isEmpty());
        for (MatchResult name : names) {
            int number = Integer.parseInt(name.group(2));
            if (number <= 462) {
                assertEquals(name.group(1), SystemCallNames.of(number), name.group(2));
            }
        }
    }

    @Test
    void shouldSayTheNumberOfACallWithoutName() {
        assertEquals("call 400", SystemCallNames.of(400));
        assertEquals("call -1", SystemCallNames.of(-1));
        assertEquals("mseal", SystemCallNames.of(462));
        assertEquals("call 463", SystemCallNames.of(463));
    }

    @Test
    void shouldCallTheRowsOfTheTableByTheirNames() {
        for (SystemCall call : SystemCall.values()) {
            // A call that is in several rows has in some of them a word of what it is for.
            String row = call.name().toLowerCase(java.util.Locale.ROOT);
            String name = SystemCallNames.of(call.number);
            assertTrue(row.equals(name) || row.startsWith(name + "_"), row + ": " + name);
        }
    }
}
