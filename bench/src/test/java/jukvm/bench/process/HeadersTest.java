package jukvm.bench.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import jukvm.bench.Required;
import jukvm.bench.action.Commands;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The numbers of C that are written down here are those of this host's headers. */
final class HeadersTest {
    private static final String INCLUDES =
            "#define _GNU_SOURCE\n"
                    + List.of(
                                    "errno",
                                    "fcntl",
                                    "poll",
                                    "sched",
                                    "signal",
                                    "spawn",
                                    "stddef",
                                    "sys/ioctl",
                                    "sys/mman",
                                    "sys/mount",
                                    "sys/syscall")
                            .stream()
                            .map(name -> "#include <" + name + ".h>\n")
                            .reduce("", String::concat);

    private static final Map<String, String> EXPRESSIONS =
            Map.of(
                    "ACTIONS_SIZE", "sizeof(posix_spawn_file_actions_t)",
                    "ATTRIBUTES_SIZE", "sizeof(posix_spawnattr_t)",
                    "SIGSET_SIZE", "sizeof(sigset_t)",
                    "POLLFD", "sizeof(struct pollfd)",
                    "EVENTS", "offsetof(struct pollfd, events)",
                    "REVENTS", "offsetof(struct pollfd, revents)",
                    "SYS_PIDFD_OPEN", "SYS_pidfd_open");

    // Sizes and times of our own.
    private static final Set<String> OURS =
            Set.of(
                    "OUTPUT",
                    "ERRORS",
                    "KEPT",
                    "REST",
                    "REST_SIZE",
                    "NO_FD",
                    "SIGNAL_MASK",
                    "SLICE_MILLIS",
                    "GRACE_MILLIS");

    @Test
    void shouldHaveTheNumbersOfTheHeaders(@TempDir Path folder) throws Exception {
        Required.gcc();
        StringBuilder source = new StringBuilder(INCLUDES);
        for (Class<?> owner : List.of(C.class, Child.class, MountView.class, PageCache.class)) {
            for (Field field : owner.getDeclaredFields()) {
                boolean constant = Modifier.isStatic(field.getModifiers());
                if (constant && field.getType().isPrimitive() && !OURS.contains(field.getName())) {
                    field.setAccessible(true);
                    String name = EXPRESSIONS.getOrDefault(field.getName(), field.getName());
                    source.append("_Static_assert(" + name + " == " + field.get(null));
                    source.append(", \"" + field.getName() + "\");\n");
                }
            }
        }
        Path file = Files.writeString(folder.resolve("headers.c"), source);
        Path gcc = Commands.find("gcc").orElseThrow();
        ChildEnd end = Commands.run(Duration.ofMinutes(1), gcc, "-fsyntax-only", file.toString());
        assertEquals("", end.errors());
        assertTrue(end.succeeded());
    }
}
