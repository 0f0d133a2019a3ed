package jukvm.hypercall;

import jukvm.device.AttachedBlock;
import jukvm.device.Devices;
import jukvm.device.IoResult;
import jukvm.memory.GuestMemory;
import org.jspecify.annotations.Nullable;

/**
 * BLOCK_READ and BLOCK_WRITE of hvt ABI 1 and 2. Source: hvt_abi.h, struct hvt_hc_block_read and
 * hvt_hc_block_write.
 *
 * <pre>
 * handle u64 IN @0   offset u64 IN @8   data u64 IN @16   len u64 IN @24   ret i32 OUT @32
 * </pre>
 */
public final class BlockTransfer implements HypercallHandler {
    static final int HANDLE = 0;
    static final int OFFSET = 8;
    static final int DATA = 16;
    static final int LEN = 24;
    static final int RET = 32;

    private final Devices devices;
    private final boolean isWrite;

    private BlockTransfer(Devices devices, boolean isWrite) {
        this.devices = devices;
        this.isWrite = isWrite;
    }

    /** Returns the handler of BLOCK_READ. */
    public static BlockTransfer read(Devices devices) {
        return new BlockTransfer(devices, false);
    }

    /** Returns the handler of BLOCK_WRITE. */
    public static BlockTransfer write(Devices devices) {
        return new BlockTransfer(devices, true);
    }

    @Override
    public boolean handle(GuestMemory memory, long gpa) {
        memory.requireWritable(gpa + RET, Integer.BYTES);
        AttachedBlock block = devices.find(AttachedBlock.class, memory.u64(gpa + HANDLE));
        long offset = memory.u64(gpa + OFFSET);
        long data = memory.u64(gpa + DATA);
        long length = memory.u64(gpa + LEN);
        memory.putU32(gpa + RET, transfer(memory, block, offset, data, length).number());
        return true;
    }

    private IoResult transfer(
            GuestMemory memory,
            @Nullable AttachedBlock block,
            long offset,
            long data,
            long length) {
        if (block == null) {
            return IoResult.EINVAL;
        }
        return isWrite
                ? block.write(memory, offset, data, length)
                : block.read(memory, offset, data, length);
    }

    @Override
    public String arguments(GuestMemory memory, long gpa) {
        long handle = memory.u64(gpa + HANDLE);
        long length = memory.u64(gpa + LEN);
        return Words.device(devices.find(AttachedBlock.class, handle), handle)
                + ", offset="
                + Words.number(memory.u64(gpa + OFFSET))
                + ", len="
                + Words.number(length)
                + (isWrite ? ", " + Words.text(memory, memory.u64(gpa + DATA), length) : "");
    }

    @Override
    public String result(GuestMemory memory, long gpa) {
        int ret = memory.u32(gpa + RET);
        return isWrite
                ? Words.result(ret)
                : Words.result(
                        ret, Words.text(memory, memory.u64(gpa + DATA), memory.u64(gpa + LEN)));
    }
}
