package jukvm.sandbox;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;
import jukvm.libc.Errno;
import jukvm.libc.FdPair;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;

/**
 * Makes the calls that a filter would refuse, and notes their numbers. The filter answers each with
 * SIGSYS, whose handler is machine code: it writes the number into a pipe and makes the call, which
 * the filter knows by where the handler lies. So it works on every thread of the JVM, at any
 * moment, without the JVM. What does not fit into the pipe is made, too, and not noted.
 *
 * <p>Source: seccomp(2), SECCOMP_RET_TRAP; asm-generic/siginfo.h, asm/sigcontext.h and
 * asm/ucontext.h.
 *
 * <pre>
 * siginfo     si_syscall i32 @24
 * ucontext    r8 @40  r9 @48  r10 @56  rdi @104  rsi @112  rdx @136  rax @144
 * sigaction   handler pointer @0   flags u64 @8   restorer pointer @16   mask u64 @24
 * </pre>
 */
final class RefusalLog {
    private static final Libc LIBC = Libc.get();

    /** Stands for the page of a log that there is not. */
    static final long NONE = 0;

    static final int PAGE = 4096;
    private static final int SIGSYS = 31;
    private static final int MASK_SIZE = 8;
    private static final long SA_SIGINFO = 4;
    private static final long SA_RESTORER = 0x04000000;
    private static final int ACTION = 2048;
    private static final int AT_PIPE = 9;

    private static final int[] CODE = {
        0x53, // push %rbx
        0x48, 0x89, 0xd3, // mov %rdx, %rbx
        0x48, 0x83, 0xc6, 0x18, // add $24, %rsi
        0xbf, 0, 0, 0, 0, // mov $pipe, %edi
        0xba, 4, 0, 0, 0, // mov $4, %edx
        0xb8, 1, 0, 0, 0, // mov $1, %eax, which is write
        0x0f, 0x05, // syscall
        0x48, 0x8b, 0x7b, 0x68, // mov 104(%rbx), %rdi
        0x48, 0x8b, 0x73, 0x70, // mov 112(%rbx), %rsi
        0x48, 0x8b, 0x93, 0x88, 0, 0, 0, // mov 136(%rbx), %rdx
        0x4c, 0x8b, 0x53, 0x38, // mov 56(%rbx), %r10
        0x4c, 0x8b, 0x43, 0x28, // mov 40(%rbx), %r8
        0x4c, 0x8b, 0x4b, 0x30, // mov 48(%rbx), %r9
        0x48, 0x8b, 0x83, 0x90, 0, 0, 0, // mov 144(%rbx), %rax
        0x0f, 0x05, // syscall
        0x48, 0x89, 0x83, 0x90, 0, 0, 0, // mov %rax, 144(%rbx)
        0x5b, // pop %rbx
        0xc3, // ret
        0xb8, 15, 0, 0, 0, // mov $15, %eax, which is rt_sigreturn
        0x0f, 0x05, // syscall
    };
    private static final int RESTORER_SIZE = 7;

    private final FdPair pipe;
    private final Mapping page;

    private RefusalLog(FdPair pipe, Mapping page) {
        this.pipe = pipe;
        this.page = page;
    }

    /**
     * Begins to handle SIGSYS, for as long as the process lives.
     *
     * @throws jukvm.error.HostException if the host has no memory or descriptors for it
     */
    static RefusalLog begin() {
        RefusalLog log = new RefusalLog(FdPair.pipe("sandbox"), Mapping.anonymous(PAGE));
        log.handle();
        return log;
    }

    private void handle() {
        ByteBuffer at = page.window(0, PAGE);
        for (int i = 0; i < CODE.length; i++) {
            at.put(i, (byte) CODE[i]);
        }
        at.putInt(AT_PIPE, pipe.second().number());
        at.putLong(ACTION, page.address()).putLong(ACTION + 8, SA_SIGINFO | SA_RESTORER);
        at.putLong(ACTION + 16, page.address() + CODE.length - RESTORER_SIZE);
        int executable = Libc.PROT_READ | Libc.PROT_EXEC;
        check("mprotect", LIBC.syscall(Libc.SYS_MPROTECT, page(), PAGE, executable, 0, 0));
        long action = page() + ACTION;
        check("rt_sigaction", LIBC.syscall(Libc.SYS_RT_SIGACTION, SIGSYS, action, 0, MASK_SIZE, 0));
    }

    private static void check(String operation, long result) {
        if (result < 0) {
            throw Errno.exception("sandbox: " + operation, (int) -result);
        }
    }

    /** Returns the host address of the page whose calls pass. */
    long page() {
        return page.address();
    }

    /** Returns what was noted since the last time: how often each call, by name. */
    Map<String, Integer> take() {
        Map<String, Integer> calls = new TreeMap<>();
        try (Mapping noted = Mapping.anonymous(PAGE)) {
            ByteBuffer at = noted.window(0, PAGE);
            long length;
            do {
                length = LIBC.read(pipe.first().number(), noted.address(), PAGE);
                for (int i = 0; i < length; i += Integer.BYTES) {
                    calls.merge(SystemCallNames.of(at.getInt(i)), 1, Integer::sum);
                }
            } while (length > 0 || length == -Errno.EINTR);
        }
        return calls;
    }
}
