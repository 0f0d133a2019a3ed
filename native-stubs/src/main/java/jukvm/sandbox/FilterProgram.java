package jukvm.sandbox;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Set;
import jukvm.libc.Errno;
import jukvm.libc.Mapping;

/**
 * The filter as the kernel takes it: a program of classic BPF that looks at the number and the
 * arguments of a call. Source: linux/filter.h, linux/seccomp.h, linux/audit.h; seccomp(2).
 *
 * <pre>
 * sock_fprog      len u16 @0   (6 bytes)   filter pointer @8
 * sock_filter     code u16 @0   jt u8 @2   jf u8 @3   k u32 @4
 * seccomp_data    nr i32 @0   arch u32 @4   instruction_pointer u64 @8   args six of u64 @16
 * </pre>
 */
final class FilterProgram implements AutoCloseable {
    private static final int FPROG = 16;
    private static final int FILTER = 8;
    private static final int INSTRUCTION = 8;
    private static final int JT = 2;
    private static final int JF = 3;
    private static final int K = 4;

    private static final int NR = 0;
    private static final int ARCH = 4;
    private static final int INSTRUCTION_POINTER = 8;
    private static final int ARGS = 16;

    private static final int LOAD = 0x20;
    private static final int AND = 0x54;
    private static final int IF_EQUAL = 0x15;
    private static final int IF_AT_LEAST = 0x35;
    private static final int RETURN = 0x06;

    private static final int AUDIT_ARCH_X86_64 = 0xc000003e;
    private static final int X32 = 0x40000000;
    private static final int FORK = 57;
    private static final int VFORK = 58;
    private static final int CLONE3 = 435;
    private static final int RET_ERRNO = 0x50000;
    static final int RET_TRAP = 0x30000;
    static final int RET_ALLOW = 0x7fff0000;

    /** What a call that is refused gets: EPERM. */
    static final int REFUSED = RET_ERRNO | Errno.EPERM;

    private static final int ROOM = 1022;

    // Put into memory in one go: a cold JVM takes long for each access.
    private final long[] program = new long[ROOM];
    private final Mapping memory = Mapping.anonymous(FPROG + ROOM * INSTRUCTION);
    private int count;

    /**
     * Writes the program.
     *
     * @param uses what is needed beyond a run
     * @param process number of this process
     * @param otherwise what becomes of a call that no row lets pass
     * @param page host address of the {@link RefusalLog#page}, whose calls pass
     */
    FilterProgram(Set<Use> uses, int process, int otherwise, long page) {
        add(LOAD, 0, 0, ARCH);
        add(IF_EQUAL, 1, 0, AUDIT_ARCH_X86_64);
        add(RETURN, 0, 0, REFUSED);
        if (page != RefusalLog.NONE) {
            passFrom(page);
        }
        add(LOAD, 0, 0, NR);
        add(IF_AT_LEAST, 0, 1, X32);
        add(RETURN, 0, 0, REFUSED);
        for (SystemCall call : SystemCall.values()) {
            if (call.use == null || uses.contains(call.use)) {
                pass(call, process);
            }
        }
        // A libc that hears this makes threads by clone, whose flags can be seen.
        add(IF_EQUAL, 0, 1, CLONE3);
        add(RETURN, 0, 0, RET_ERRNO | Errno.ENOSYS);
        if (otherwise == RET_TRAP) {
            // These cannot be made by a handler of signals, and their process would have none.
            for (int call : new int[] {SystemCall.CLONE.number, FORK, VFORK}) {
                add(IF_EQUAL, 0, 1, call);
                add(RETURN, 0, 0, REFUSED);
            }
        }
        add(RETURN, 0, 0, otherwise);
        write();
    }

    /** Returns one that has all calls fail in this process that are not for these uses. */
    static FilterProgram refusing(Set<Use> uses) {
        return new FilterProgram(uses, Sandbox.process(), REFUSED, RefusalLog.NONE);
    }

    private void passFrom(long page) {
        add(LOAD, 0, 0, INSTRUCTION_POINTER + Integer.BYTES);
        add(IF_EQUAL, 0, 4, (int) (page >>> Integer.SIZE));
        add(LOAD, 0, 0, INSTRUCTION_POINTER);
        add(AND, 0, 0, -RefusalLog.PAGE);
        add(IF_EQUAL, 0, 1, (int) page);
        add(RETURN, 0, 0, RET_ALLOW);
    }

    private void pass(SystemCall call, int process) {
        if (call.conditions.isEmpty()) {
            add(IF_EQUAL, 0, 1, call.number);
            add(RETURN, 0, 0, RET_ALLOW);
            return;
        }
        int begin = count;
        int end = begin + 1;
        for (Condition condition : call.conditions) {
            end += 1 + (condition.hasMask() ? 1 : 0) + condition.count();
        }
        // One to pass, and one to look at the number again.
        add(IF_EQUAL, 0, end + 1 - begin, call.number);
        for (Condition condition : call.conditions) {
            add(LOAD, 0, 0, ARGS + condition.half * Integer.BYTES);
            if (condition.hasMask()) {
                add(AND, 0, 0, condition.mask);
            }
            for (int left = condition.count() - 1, i = 0; left >= 0; left--, i++) {
                add(IF_EQUAL, left, left == 0 ? end - count : 0, condition.value(i, process));
            }
        }
        add(RETURN, 0, 0, RET_ALLOW);
        add(LOAD, 0, 0, NR);
    }

    private void add(int code, int ifTrue, int ifFalse, int k) {
        program[count++] =
                code
                        | (long) ifTrue << JT * Byte.SIZE
                        | (long) ifFalse << JF * Byte.SIZE
                        | (long) k << K * Byte.SIZE;
    }

    private void write() {
        ByteBuffer at = memory.window(0, FPROG + count * INSTRUCTION);
        at.putShort(0, (short) count).putLong(FILTER, memory.address() + FPROG);
        at.position(FPROG);
        at.slice().order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().put(program, 0, count);
    }

    /** Returns the host address of the struct sock_fprog. */
    long address() {
        return memory.address();
    }

    @Override
    public void close() {
        memory.close();
    }
}
