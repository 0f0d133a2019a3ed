package jukvm.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import jukvm.error.HostException;
import jukvm.io.Requester;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;
import org.junit.jupiter.api.Test;

class ChargedMemoryTest {
    private static final Libc LIBC = Libc.get();
    private static final long SIZE = 2 << 20;

    /** Another process, which keeps what it is given, as a hostile one does. */
    private static final class Payer implements Requester, AutoCloseable {
        private final int answer;
        private Fd given = Fd.event("nothing yet");
        private long bytes;

        Payer(int answer) {
            this.answer = answer;
        }

        @Override
        public int fill(int fd, long length) {
            given.close();
            given = Fd.of(LIBC.fcntl(fd, Libc.F_DUPFD_CLOEXEC, 0), "kept", "dup");
            bytes = length;
            return answer;
        }

        int read(long offset) {
            try (Mapping arena = Mapping.anonymous(8)) {
                assertEquals(8, LIBC.pread(given.number(), arena.address(), 8, offset));
                return arena.window(0, 8).getInt(0);
            }
        }

        long truncate(long length) {
            return LIBC.syscall(Libc.SYS_FTRUNCATE, given.number(), length, 0, 0, 0);
        }

        @Override
        public int open(String path, int flags, int mode) {
            return -Errno.EACCES;
        }

        @Override
        public int socket(int domain, int type) {
            return -Errno.EACCES;
        }

        @Override
        public int inherited(int number) {
            return -Errno.EACCES;
        }

        @Override
        public void giveBack(int fd) {}

        @Override
        public int ioctl(int fd, long request, ByteBuffer argument) {
            return -Errno.EACCES;
        }

        @Override
        public void close() {
            given.close();
        }
    }

    @Test
    void shouldBeTheGuestsUntilThatIsCleared() {
        try (Payer payer = new Payer(0);
                GuestMemory memory = GuestMemory.allocate(SIZE)) {
            memory.putU32(SIZE - 8, 1);
            try (ChargedMemory charged = ChargedMemory.of(payer, SIZE)) {
                assertEquals(SIZE, payer.bytes);
                charged.becomeThatOf(memory);
            }
            assertEquals(0, memory.u32(SIZE - 8), "what was there before");
            memory.putU32(SIZE - 8, 42);
            assertEquals(42, payer.read(SIZE - 8));
            memory.clear();
            assertEquals(0, memory.u32(SIZE - 8));
            memory.putU32(SIZE - 8, 43);
            assertEquals(42, payer.read(SIZE - 8), "it is another's from now on");
        }
    }

    // A JVM that reads behind the end of a file dies.
    @Test
    void shouldNotBeShortenedByWhoAnswersForIt() {
        try (Payer payer = new Payer(0);
                ChargedMemory charged = ChargedMemory.of(payer, SIZE);
                GuestMemory memory = GuestMemory.allocate(SIZE)) {
            charged.becomeThatOf(memory);
            assertEquals(-Errno.EPERM, payer.truncate(0));
            assertEquals(-Errno.EPERM, payer.truncate(2 * SIZE));
            assertEquals(0, memory.u32(SIZE - 8));
        }
    }

    @Test
    void shouldSayThatThePayerMayNotHaveSoMuch() {
        try (Payer payer = new Payer(-Errno.ENOMEM)) {
            HostException e =
                    assertThrows(HostException.class, () -> ChargedMemory.of(payer, SIZE));
            assertTrue(
                    e.getMessage().startsWith("guest memory of 2 MiB, charged to its container:"),
                    e.getMessage());
        }
        assertThrows(HostException.class, () -> ChargedMemory.of(Requester.self(), SIZE));
    }

    @Test
    void shouldBeForMemoryOfItsSize() {
        try (Payer payer = new Payer(0);
                ChargedMemory charged = ChargedMemory.of(payer, SIZE);
                GuestMemory memory = GuestMemory.allocate(2 * SIZE)) {
            assertThrows(IllegalArgumentException.class, () -> charged.becomeThatOf(memory));
        }
    }
}
