package jukvm.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jukvm.error.HostException;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class KvmCallTest {
    private static final int ENOTTY = 25;

    @ParameterizedTest
    @CsvSource({
        "EAGAIN, ulimit -u",
        "EAGAIN, pids.max",
        "EINTR, Signals",
        "EMFILE, ulimit -n",
        "ENFILE, fs.file-max",
        "ENOMEM, memory.max",
        "EPERM, seccomp",
        "EACCES, seccomp",
        "ENOSYS, seccomp",
        "EBUSY, Another hypervisor",
        "EIO, dmesg"
    })
    void shouldNameWhatToDo(String name, String remedy) throws Exception {
        int errno = Errno.class.getField(name).getInt(null);
        HostException refused = KvmCall.failure("KVM: ioctl (RUN)", errno);
        assertTrue(refused.getMessage().startsWith("KVM: ioctl (RUN): " + name + " ("));
        assertTrue(refused.getMessage().contains(remedy), refused.getMessage());
        assertEquals(errno, refused.errno());
    }

    @Test
    void shouldSayWhichCallWasRefused() {
        try (Fd none = Fd.open("/dev/null", Libc.O_RDWR)) {
            HostException refused =
                    assertThrows(
                            HostException.class, () -> KvmCall.ioctl(none, "KVM_RUN", 0xae80, 0));
            assertEquals(ENOTTY, refused.errno());
            assertTrue(refused.getMessage().startsWith("/dev/null: KVM_RUN: ENOTTY"));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {Errno.EINVAL, Errno.ENOMEM, Errno.EFAULT, Errno.EIO, Errno.EBADF})
    void shouldNotTryAgainWhatIsRefused(int errno) {
        assertFalse(new Patience().allows(errno));
    }

    @ParameterizedTest
    @ValueSource(ints = {Errno.EAGAIN, Errno.EINTR})
    void shouldTryAgainForAWhileAndNoLonger(int errno) {
        Patience patience = new Patience();
        long start = System.nanoTime();
        assertTrue(patience.allows(errno));
        while (patience.allows(errno)) {
            assertTrue(System.nanoTime() - start < 60 * Patience.NANOS, "still at it");
        }
        assertTrue(System.nanoTime() - start >= Patience.NANOS);
        assertFalse(patience.allows(errno));
        patience.restore();
        assertTrue(patience.allows(errno));
    }
}
