package jukvm.libc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import jukvm.error.HostException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EpollSetTest {
    private static final Libc LIBC = Libc.get();
    private static final int SYS_PIPE2 = 293;

    private final EpollSet set = EpollSet.open();

    @AfterEach
    void close() {
        set.close();
    }

    /** The two ends of a pipe. */
    private record Pipe(Fd reader, Fd writer) implements AutoCloseable {
        static Pipe open() {
            try (Mapping arena = Mapping.anonymous(16)) {
                int flags = Libc.O_CLOEXEC | Libc.O_NONBLOCK;
                assertEquals(0, LIBC.syscall(SYS_PIPE2, arena.address(), flags, 0, 0, 0));
                ByteBuffer at = arena.window(0, 16);
                Fd reader = Fd.of(at.getInt(0), "reader", "pipe2");
                return new Pipe(reader, Fd.of(at.getInt(4), "writer", "pipe2"));
            }
        }

        void fill() {
            try (Mapping arena = Mapping.anonymous(16)) {
                assertEquals(1, LIBC.write(writer.number(), arena.address(), 1));
            }
        }

        @Override
        public void close() {
            reader.close();
            writer.close();
        }
    }

    @Test
    void shouldTellTheReadableFromTheFailed() {
        try (Pipe silent = Pipe.open();
                Pipe full = Pipe.open();
                Pipe hungUp = Pipe.open();
                Pipe fullAndHungUp = Pipe.open();
                Pipe broken = Pipe.open()) {
            set.add(0, silent.reader());
            set.add(1, full.reader());
            set.add(2, hungUp.reader());
            set.add(62, fullAndHungUp.reader());
            set.add(63, broken.writer());
            assertEquals(0, set.collect());
            full.fill();
            hungUp.writer().close();
            fullAndHungUp.fill();
            fullAndHungUp.writer().close();
            broken.reader().close();
            for (int i = 0; i < 2; i++) {
                assertEquals(1L << 1 | 1L << 2 | 1L << 62 | 1L << 63, set.collect());
                assertEquals(1L << 2 | 1L << 63, set.failed());
            }
            set.remove(hungUp.reader());
            set.remove(broken.writer());
            assertEquals(1L << 1 | 1L << 62, set.collect());
            assertEquals(0, set.failed());
        }
    }

    @Test
    void shouldHoldAsManyAsItSays() {
        Fd[] events = new Fd[EpollSet.CAPACITY];
        try (Mapping arena = Mapping.anonymous(8)) {
            arena.window(0, 8).putLong(0, 1);
            for (int i = 0; i < events.length; i++) {
                events[i] = Fd.event("event " + i);
                set.add(i, events[i]);
                LIBC.write(events[i].number(), arena.address(), 8);
            }
            assertEquals(-1, set.collect());
            assertEquals(0, set.failed());
        } finally {
            for (Fd event : events) {
                if (event != null) {
                    event.close();
                }
            }
        }
    }

    @Test
    void shouldNameWhatTheKernelRefuses() {
        try (Fd event = Fd.event("event");
                Fd regular = Fd.open("/proc/self/exe", Libc.O_RDONLY)) {
            assertRefused("event: EPOLL_CTL_DEL: ENOENT", () -> set.remove(event));
            assertRefused("/proc/self/exe: EPOLL_CTL_ADD: EPERM", () -> set.add(0, regular));
        }
    }

    private static void assertRefused(String message, Runnable call) {
        HostException e = assertThrows(HostException.class, call::run);
        assertTrue(e.getMessage().startsWith(message), e.getMessage());
    }
}
