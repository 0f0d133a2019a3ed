package jukvm.device;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The eventfds of this process, and whether each is readable. Source: proc(5). */
final class EventFds {
    private EventFds() {}

    /** Returns the numbers of all that are open. */
    static Set<String> open() throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            return all.filter(EventFds::isEventFd)
                    .map(link -> link.getFileName().toString())
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    /** Returns the numbers of those that are open and were not. */
    static Set<String> openedSince(Set<String> before) throws IOException {
        Set<String> opened = open();
        opened.removeAll(before);
        return opened;
    }

    /** Returns the number of the one that a device opens to show that it is ready. */
    static String of(NetDevice device) throws IOException {
        Set<String> before = open();
        device.readiness();
        return String.join(",", openedSince(before));
    }

    /** Returns whether a poll of it would return. */
    static boolean isReadable(String number) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/fdinfo", number))) {
            return lines.anyMatch(line -> line.matches("eventfd-count: +[0-9a-f]*[1-9a-f]"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isEventFd(Path link) {
        try {
            return Files.readSymbolicLink(link).toString().equals("anon_inode:[eventfd]");
        } catch (IOException e) {
            return false; // The one that lists the directory is closed by now.
        }
    }
}
