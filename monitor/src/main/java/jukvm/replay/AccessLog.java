package jukvm.replay;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;
import jukvm.memory.AccessWatch;
import jukvm.memory.GuestMemory;

/**
 * What one hypercall passed, and what its guest was told: the ranges of memory that were read and
 * written for it, the latter with what was there before, so that only what changed is kept. Belongs
 * to the vCPU's thread; reused for every call.
 */
final class AccessLog implements AccessWatch {
    /** What is kept of memory before it is written, in bytes; what is more counts as changed. */
    private static final int MAX_KEPT = 1 << 20;

    private final GuestMemory memory;
    private final CRC32C sum = new CRC32C();
    private final byte[] shown = new byte[RecordingFormat.SHOWN];
    private long[] reads = new long[8]; // Address and length of each.
    private long[] writes = new long[8]; // Address, length, and where its old bytes are.
    private byte[] before = new byte[1 << 11];
    private int readCount;
    private int writeCount;
    private int shownCount;
    private int kept;

    AccessLog(GuestMemory memory) {
        this.memory = memory;
    }

    /** Begins a call. */
    void begin() {
        sum.reset();
        readCount = 0;
        writeCount = 0;
        shownCount = 0;
        kept = 0;
        memory.watch(this);
    }

    /** Ends the call. */
    void end() {
        memory.watch(AccessWatch.NOBODY);
    }

    @Override
    public void reads(long gpa, long length) {
        if (length == 0 || isCovered(reads, readCount, 2, gpa, length)) {
            return;
        }
        int last = 2 * readCount - 2;
        if (readCount > 0 && reads[last] + reads[last + 1] == gpa) {
            reads[last + 1] += length;
        } else {
            reads = withRoom(reads, 2 * readCount + 2);
            reads[2 * readCount] = gpa;
            reads[2 * readCount + 1] = length;
            readCount++;
        }
        add(gpa, length);
    }

    private void add(long gpa, long length) {
        RecordingFormat.add(sum, memory, gpa, length);
        int count = (int) Math.min(length, shown.length - shownCount);
        if (count > 0) {
            memory.owned(gpa, count).get(0, shown, shownCount, count);
            shownCount += count;
        }
    }

    @Override
    public void writes(long gpa, long length) {
        if (length == 0 || isCovered(writes, writeCount, 3, gpa, length)) {
            return;
        }
        boolean isKept = length <= MAX_KEPT - kept;
        int last = 3 * writeCount - 3;
        if (writeCount > 0
                && writes[last] + writes[last + 1] == gpa
                && isKept == writes[last + 2] >= 0) {
            writes[last + 1] += length; // Its old bytes are the last that are kept, if any are.
        } else {
            writes = withRoom(writes, 3 * writeCount + 3);
            writes[last + 3] = gpa;
            writes[last + 4] = length;
            writes[last + 5] = isKept ? kept : -1;
            writeCount++;
        }
        if (isKept) {
            int end = kept + (int) length;
            before = end <= before.length ? before : Arrays.copyOf(before, 2 * end);
            memory.owned(gpa, length).get(0, before, kept, (int) length);
            kept = end;
        }
    }

    private static boolean isCovered(long[] ranges, int count, int step, long gpa, long length) {
        for (int i = 0; i < count * step; i += step) {
            if (gpa >= ranges[i] && gpa + length <= ranges[i] + ranges[i + 1]) {
                return true;
            }
        }
        return false;
    }

    private static long[] withRoom(long[] ranges, int room) {
        return room <= ranges.length ? ranges : Arrays.copyOf(ranges, 2 * room);
    }

    /** Writes what was passed. */
    void putPassed(ByteSink to) {
        to.number(readCount);
        long last = 0;
        for (int i = 0; i < readCount; i++) {
            to.signed(reads[2 * i] - last);
            to.number(reads[2 * i + 1]);
            last = reads[2 * i];
        }
        to.u32((int) sum.getValue());
        to.bytes(shown, 0, shownCount);
    }

    /** Returns how many bytes there were room for in what the guest was told. */
    long toldAtMost() {
        long all = 0;
        for (int i = 0; i < writeCount; i++) {
            all += writes[3 * i + 1];
        }
        return all;
    }

    /** Writes what the guest was told: of each range from its first to its last changed byte. */
    void putTold(ByteSink to) {
        int changed = 0;
        long[] spans = new long[2 * writeCount];
        for (int i = 0; i < writeCount; i++) {
            ByteBuffer now = memory.owned(writes[3 * i], writes[3 * i + 1]);
            int old = (int) writes[3 * i + 2];
            int first = old < 0 ? 0 : first(now, old);
            if (first >= 0) {
                int end = old < 0 ? now.capacity() : end(now, old);
                spans[2 * changed] = writes[3 * i] + first;
                spans[2 * changed + 1] = (long) end - first;
                changed++;
            }
        }
        to.number(changed);
        long last = 0;
        for (int i = 0; i < changed; i++) {
            byte[] bytes = new byte[(int) spans[2 * i + 1]];
            memory.owned(spans[2 * i], bytes.length).get(bytes);
            to.signed(spans[2 * i] - last);
            to.bytes(bytes);
            last = spans[2 * i];
        }
    }

    private int first(ByteBuffer now, int old) {
        return now.mismatch(ByteBuffer.wrap(before, old, now.capacity()));
    }

    private int end(ByteBuffer now, int old) {
        ByteBuffer was = ByteBuffer.wrap(before).order(now.order());
        int end = now.capacity();
        while (end >= Long.BYTES
                && now.getLong(end - Long.BYTES) == was.getLong(old + end - Long.BYTES)) {
            end -= Long.BYTES;
        }
        while (now.get(end - 1) == before[old + end - 1]) {
            end--;
        }
        return end;
    }
}
