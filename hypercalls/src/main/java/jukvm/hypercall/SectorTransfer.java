package jukvm.hypercall;

import jukvm.device.AttachedBlock;
import jukvm.device.IoResult;
import jukvm.memory.GuestMemory;

/**
 * BLKREAD and BLKWRITE of ukvm 0.2 to hvt 0.4. Source: ukvm.h, struct ukvm_blkread and
 * ukvm_blkwrite.
 *
 * <pre>
 * sector u64 IN @0   data u64 IN @8   len u64 IN @16   ret i32 OUT @24: 0, or -1 for any refusal
 * </pre>
 */
public final class SectorTransfer implements HypercallHandler {
    static final int SECTOR = 0;
    static final int DATA = 8;
    static final int LEN = 16;
    static final int RET = 24;
    static final int REFUSED = -1;

    private final AttachedBlock block;
    private final boolean isWrite;

    private SectorTransfer(AttachedBlock block, boolean isWrite) {
        this.block = block;
        this.isWrite = isWrite;
    }

    /** Returns the handler of BLKREAD. */
    public static SectorTransfer read(AttachedBlock block) {
        return new SectorTransfer(block, false);
    }

    /** Returns the handler of BLKWRITE. */
    public static SectorTransfer write(AttachedBlock block) {
        return new SectorTransfer(block, true);
    }

    @Override
    public boolean handle(GuestMemory memory, long gpa) {
        memory.requireWritable(gpa + RET, Integer.BYTES);
        long sector = memory.u64(gpa + SECTOR);
        long data = memory.u64(gpa + DATA);
        long length = memory.u64(gpa + LEN);
        IoResult result = transfer(memory, sector, data, length);
        memory.putU32(gpa + RET, result == IoResult.OK ? 0 : REFUSED);
        return true;
    }

    private IoResult transfer(GuestMemory memory, long sector, long data, long length) {
        if (sector < 0 || sector >= block.capacity() / block.blockSize()) {
            return IoResult.EINVAL;
        }
        long offset = sector * block.blockSize();
        return isWrite
                ? block.write(memory, offset, data, length)
                : block.read(memory, offset, data, length);
    }

    @Override
    public String arguments(GuestMemory memory, long gpa) {
        long length = memory.u64(gpa + LEN);
        return Words.device(block, 0)
                + ", sector="
                + Words.number(memory.u64(gpa + SECTOR))
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
