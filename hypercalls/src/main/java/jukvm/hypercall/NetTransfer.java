package jukvm.hypercall;

import jukvm.device.AttachedNet;
import jukvm.device.Devices;
import jukvm.device.IoResult;
import jukvm.device.NetRing;
import jukvm.memory.GuestMemory;
import org.jspecify.annotations.Nullable;

/**
 * NET_READ and NET_WRITE. Source: hvt_abi.h, struct hvt_hc_net_read and hvt_hc_net_write; ukvm.h,
 * struct ukvm_netread and ukvm_netwrite, which have no handle since there is one interface.
 *
 * <pre>
 * hvt    handle u64 IN @0   data u64 IN @8   len u64 IN, OUT in a read @16   ret i32 OUT @24
 * ukvm                      data u64 IN @0   len u64 IN, OUT in a read @8    ret i32 OUT @16
 * </pre>
 */
public final class NetTransfer implements HypercallHandler {
    static final int HANDLE = 0;
    static final int HANDLE_SIZE = 8;
    static final int UKVM_DATA = 0;
    static final int UKVM_LEN = 8;
    static final int UKVM_RET = 16;
    static final int UKVM_REFUSED = -1;

    // In guests without handles the interface has the one that this is.
    private static final int NO_HANDLE = -1;

    private final Devices devices;
    private final int onlyHandle;
    private final boolean isWrite;
    private NetRing.@Nullable View view;

    private NetTransfer(Devices devices, int onlyHandle, boolean isWrite) {
        this.devices = devices;
        this.onlyHandle = onlyHandle;
        this.isWrite = isWrite;
    }

    /** Returns the handler of NET_READ in hvt ABI 1 and 2. */
    public static NetTransfer read(Devices devices) {
        return new NetTransfer(devices, NO_HANDLE, false);
    }

    /** Returns the handler of NET_WRITE in hvt ABI 1 and 2. */
    public static NetTransfer write(Devices devices) {
        return new NetTransfer(devices, NO_HANDLE, true);
    }

    /** Returns the handler of NETREAD in ukvm 0.2 to hvt 0.4, for the interface of a handle. */
    public static NetTransfer ukvmRead(Devices devices, int handle) {
        return new NetTransfer(devices, handle, false);
    }

    /** Returns the handler of NETWRITE in ukvm 0.2 to hvt 0.4, for the interface of a handle. */
    public static NetTransfer ukvmWrite(Devices devices, int handle) {
        return new NetTransfer(devices, handle, true);
    }

    @Override
    public boolean handle(GuestMemory memory, long gpa) {
        long handle = handleOf(memory, gpa);
        long at = common(gpa);
        memory.requireWritable(at + UKVM_LEN, UKVM_RET + Integer.BYTES - UKVM_LEN);
        if (isWrite && devices.ring().isPresent()) {
            drain(devices.ring().get(), memory);
        }
        AttachedNet net = devices.find(AttachedNet.class, handle);
        long data = memory.u64(at + UKVM_DATA);
        long length = memory.u64(at + UKVM_LEN);
        IoResult result =
                isWrite ? write(net, memory, data, length) : read(net, memory, data, length, at);
        boolean isRefused = isUkvm() && result != IoResult.OK;
        memory.putU32(at + UKVM_RET, isRefused ? UKVM_REFUSED : result.number());
        return true;
    }

    // Frames too long for the ring come here, and must not overtake those before them in it.
    private void drain(NetRing ring, GuestMemory memory) {
        if (view == null) {
            view = ring.view(memory);
        }
        ring.pass(view, devices);
    }

    private static IoResult write(
            @Nullable AttachedNet net, GuestMemory memory, long data, long length) {
        return net == null ? IoResult.EINVAL : net.write(memory, data, length);
    }

    private static IoResult read(
            @Nullable AttachedNet net, GuestMemory memory, long data, long length, long at) {
        if (net == null) {
            return IoResult.EINVAL;
        }
        int read = net.read(memory, data, length);
        if (read > 0) {
            memory.putU64(at + UKVM_LEN, read);
        }
        return read > 0 ? IoResult.OK : read == 0 ? IoResult.AGAIN : IoResult.EUNSPEC;
    }

    @Override
    public String arguments(GuestMemory memory, long gpa) {
        long handle = handleOf(memory, gpa);
        long at = common(gpa);
        long length = memory.u64(at + UKVM_LEN);
        return Words.device(devices.find(AttachedNet.class, handle), handle)
                + ", len="
                + Words.number(length)
                + (isWrite ? ", " + Words.frame(memory, memory.u64(at + UKVM_DATA), length) : "");
    }

    @Override
    public String result(GuestMemory memory, long gpa) {
        long at = common(gpa);
        int ret = memory.u32(at + UKVM_RET);
        if (isWrite) {
            return Words.result(ret);
        }
        long length = memory.u64(at + UKVM_LEN);
        String frame = Words.frame(memory, memory.u64(at + UKVM_DATA), length);
        return Words.result(ret, "len=" + Words.number(length) + ", " + frame);
    }

    private boolean isUkvm() {
        return onlyHandle != NO_HANDLE;
    }

    private long handleOf(GuestMemory memory, long gpa) {
        return isUkvm() ? onlyHandle : memory.u64(gpa + HANDLE);
    }

    // Where the fields begin that all dialects have.
    private long common(long gpa) {
        return isUkvm() ? gpa : gpa + HANDLE_SIZE;
    }
}
