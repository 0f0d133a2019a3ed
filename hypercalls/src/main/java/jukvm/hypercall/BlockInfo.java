package jukvm.hypercall;

import jukvm.device.AttachedBlock;
import jukvm.memory.GuestMemory;

/**
 * BLKINFO of ukvm 0.2 to hvt 0.4: tells the disk's size. Source: ukvm.h, struct ukvm_blkinfo.
 *
 * <pre>
 * sector_size u64 OUT @0   num_sectors u64 OUT @8   rw i32 OUT @16: 1 if writes are taken
 * </pre>
 */
public final class BlockInfo implements HypercallHandler {
    static final int SECTOR_SIZE = 0;
    static final int NUM_SECTORS = 8;
    static final int RW = 16;

    private final AttachedBlock block;

    /** Tells of {@code block}. */
    public BlockInfo(AttachedBlock block) {
        this.block = block;
    }

    @Override
    public boolean handle(GuestMemory memory, long gpa) {
        memory.putU64(gpa + SECTOR_SIZE, block.blockSize());
        memory.putU64(gpa + NUM_SECTORS, block.capacity() / block.blockSize());
        memory.putU32(gpa + RW, block.isReadOnly() ? 0 : 1);
        return true;
    }

    @Override
    public String arguments(GuestMemory memory, long gpa) {
        return Words.device(block, 0);
    }

    @Override
    public String result(GuestMemory memory, long gpa) {
        return "sector_size="
                + Words.number(memory.u64(gpa + SECTOR_SIZE))
                + ", num_sectors="
                + Words.number(memory.u64(gpa + NUM_SECTORS))
                + ", rw="
                + memory.u32(gpa + RW);
    }
}
