package jukvm.abi;

import java.io.IOException;
import java.nio.ByteBuffer;
import jukvm.call.Hypercall;
import jukvm.device.AttachedBlock;
import jukvm.device.BlockDevice;
import jukvm.device.DeviceCounters;
import jukvm.device.Devices;
import jukvm.device.Notices;
import jukvm.hypercall.BlockInfo;
import jukvm.hypercall.BlockTransfer;
import jukvm.hypercall.HypercallTable;
import jukvm.hypercall.SectorTransfer;
import jukvm.io.Poller;

/**
 * Block devices. Source: mft_abi.h, struct mft_block_basic; hvt_abi.h; ukvm.h.
 *
 * <pre>
 * properties in a manifest's entry   capacity u64 @72, block size u16 @80
 * </pre>
 */
final class BlockKind extends DeviceKind<BlockDevice, AttachedBlock> {
    static final int CAPACITY = 72;
    static final int BLOCK_SIZE = 80;

    BlockKind() {
        super(BlockDevice.class, AttachedBlock.class);
    }

    @Override
    public String plural() {
        return "blocks";
    }

    @Override
    public String call(String name) {
        return "GuestSpec.block(\"" + name + "\", ...)";
    }

    @Override
    public DeviceCounters none() {
        return AttachedBlock.Counters.NONE;
    }

    @Override
    AttachedBlock attachGiven(String name, BlockDevice device, Notices notices, Poller stop) {
        return new AttachedBlock(name, device, notices, stop);
    }

    @Override
    void encodeAttached(ByteBuffer entry, AttachedBlock block) {
        entry.putLong(CAPACITY, block.capacity());
        entry.putShort(BLOCK_SIZE, (short) block.blockSize());
    }

    @Override
    BlockDevice recall(ByteBuffer entry) {
        return new RecalledBlock(entry.getLong(CAPACITY), entry.getShort(BLOCK_SIZE) & 0xffff);
    }

    /** A disk that is never used: what it was asked for is known already. */
    private record RecalledBlock(long capacity, int blockSize) implements BlockDevice {
        @Override
        public void read(long offset, ByteBuffer into) throws IOException {
            throw new IOException(DeviceKind.UNUSABLE);
        }

        @Override
        public void write(long offset, ByteBuffer from) throws IOException {
            throw new IOException(DeviceKind.UNUSABLE);
        }
    }

    @Override
    void addCalls(HypercallTable table, Dialect dialect, Devices devices) {
        if (dialect.isMarked()) {
            table.with(0x504, Hypercall.BLOCK_WRITE, BlockTransfer.write(devices))
                    .with(0x505, Hypercall.BLOCK_READ, BlockTransfer.read(devices));
            return;
        }
        int first = dialect == Dialect.UKVM_0_2 ? 0x502 : 0x504;
        for (AttachedBlock block : devices.all(AttachedBlock.class).values()) { // The only one.
            table.with(first, Hypercall.BLOCK_INFO, new BlockInfo(block))
                    .with(first + 1, Hypercall.BLOCK_WRITE, SectorTransfer.write(block))
                    .with(first + 2, Hypercall.BLOCK_READ, SectorTransfer.read(block));
        }
    }
}
