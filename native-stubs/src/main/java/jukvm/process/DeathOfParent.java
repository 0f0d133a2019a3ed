package jukvm.process;

import jukvm.libc.Errno;
import jukvm.libc.Libc;

/**
 * Has the kernel end this process as soon as the thread has ended that started it. Source:
 * prctl(2), PR_SET_PDEATHSIG.
 */
public final class DeathOfParent {
    private static final Libc LIBC = Libc.get();
    private static final int SYS_PRCTL = 157;
    private static final int SYS_GETPPID = 110;
    private static final int PR_SET_PDEATHSIG = 1;
    private static final int SIGKILL = 9;

    private DeathOfParent() {}

    /**
     * Asks for it.
     *
     * @param parent the process that started this one, as it told
     * @return false if it has ended already
     * @throws jukvm.error.HostException if the host refuses
     */
    public static boolean endsThis(long parent) {
        long result = LIBC.syscall(SYS_PRCTL, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        if (result < 0) {
            throw Errno.exception("prctl", (int) -result);
        }
        return LIBC.syscall(SYS_GETPPID, 0, 0, 0, 0, 0) == parent;
    }
}
