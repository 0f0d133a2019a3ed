package jukvm.hypercall;

import jukvm.io.Poller;
import jukvm.memory.GuestMemory;

/**
 * POLL: waits for a time, or until a network device is readable. Source: hvt_abi.h, struct
 * hvt_hc_poll; ukvm.h, struct ukvm_poll, which has no ready set.
 *
 * <pre>
 * hvt    timeout_nsecs u64 IN @0   ready_set u64 OUT @8   ret i32 OUT @16
 * ukvm   timeout_nsecs u64 IN @0   ret i32 OUT @8
 * </pre>
 */
public final class Poll implements HypercallHandler {
    static final int TIMEOUT = 0;
    static final int READY_SET = 8;
    static final int RET = 16;
    static final int UKVM_RET = 8;

    private final Poller poller;
    private final boolean hasReadySet;

    private Poll(Poller poller, boolean hasReadySet) {
        this.poller = poller;
        this.hasReadySet = hasReadySet;
    }

    /** Returns the handler of hvt ABI 1 and 2. */
    public static Poll hvt(Poller poller) {
        return new Poll(poller, true);
    }

    /** Returns the handler of ukvm 0.2 to 0.3 and hvt 0.4. */
    public static Poll ukvm(Poller poller) {
        return new Poll(poller, false);
    }

    @Override
    public boolean handle(GuestMemory memory, long gpa) {
        int ret = hasReadySet ? RET : UKVM_RET;
        memory.requireWritable(gpa, ret + Integer.BYTES);
        poller.await(memory.u64(gpa + TIMEOUT));
        if (hasReadySet) {
            memory.putU64(gpa + READY_SET, 0);
        }
        memory.putU32(gpa + ret, 0);
        return true;
    }
}
