package jukvm.hypercall;

import java.util.StringJoiner;
import jukvm.device.AttachedNet;
import jukvm.device.Devices;
import jukvm.io.Poller;
import jukvm.memory.GuestMemory;

/**
 * POLL: waits for a time, or until a network device is readable. Source: hvt_abi.h, struct
 * hvt_hc_poll; ukvm.h, struct ukvm_poll, which has no ready set.
 *
 * <pre>
 * hvt    timeout_nsecs u64 IN @0   ready_set u64 OUT @8   ret i32 OUT @16: ready devices
 * ukvm   timeout_nsecs u64 IN @0   ret i32 OUT @8: ready devices
 * </pre>
 */
public final class Poll implements HypercallHandler {
    static final int TIMEOUT = 0;
    static final int READY_SET = 8;
    static final int RET = 16;
    static final int UKVM_RET = 8;

    private final Devices devices;
    private final Poller poller;
    private final boolean hasReadySet;
    private boolean isWatching;
    private long watched; // A bit for each handle.

    private Poll(Devices devices, boolean hasReadySet) {
        this.devices = devices;
        this.poller = devices.poller();
        this.hasReadySet = hasReadySet;
    }

    /** Returns the handler of hvt ABI 1 and 2. */
    public static Poll hvt(Devices devices) {
        return new Poll(devices, true);
    }

    /** Returns the handler of ukvm 0.2 to 0.3 and hvt 0.4. */
    public static Poll ukvm(Devices devices) {
        return new Poll(devices, false);
    }

    @Override
    public boolean handle(GuestMemory memory, long gpa) {
        int ret = hasReadySet ? RET : UKVM_RET;
        memory.requireWritable(gpa, ret + Integer.BYTES);
        watch();
        long ready = poller.await(memory.u64(gpa + TIMEOUT));
        lose(poller.failed());
        if (hasReadySet) {
            memory.putU64(gpa + READY_SET, ready);
        }
        memory.putU32(gpa + ret, Long.bitCount(ready));
        return true;
    }

    // At the first call and not before: most short-lived guests never wait.
    private void watch() {
        if (!isWatching) {
            isWatching = true;
            devices.all(AttachedNet.class).forEach(this::watch);
        }
        for (long left = watched; left != 0; left &= left - 1) {
            unwatchIfGone(Long.numberOfTrailingZeros(left));
        }
    }

    private void watch(int handle, AttachedNet net) {
        poller.watch(handle, net.readiness());
        watched |= 1L << handle;
    }

    // What has failed for good, here or when it was used, would end every wait from now on.
    private void unwatchIfGone(int handle) {
        AttachedNet net = devices.find(AttachedNet.class, handle);
        if (net != null && net.isGone()) {
            poller.unwatch(net.readiness());
            watched &= ~(1L << handle);
        }
    }

    private void lose(long failed) {
        for (long left = failed & watched; left != 0; left &= left - 1) {
            AttachedNet net = devices.find(AttachedNet.class, Long.numberOfTrailingZeros(left));
            if (net != null) {
                net.lose();
            }
        }
    }

    @Override
    public String arguments(GuestMemory memory, long gpa) {
        return "timeout=" + Words.number(memory.u64(gpa + TIMEOUT)) + " ns";
    }

    @Override
    public String result(GuestMemory memory, long gpa) {
        if (!hasReadySet) {
            return Words.number(memory.u32(gpa + UKVM_RET));
        }
        StringJoiner ready = new StringJoiner(", ", ": ", "").setEmptyValue("");
        long left = memory.u64(gpa + READY_SET);
        for (; left != 0; left &= left - 1) {
            int handle = Long.numberOfTrailingZeros(left);
            ready.add(Words.device(devices.find(AttachedNet.class, handle), handle));
        }
        return Words.number(memory.u32(gpa + RET)) + ready;
    }
}
