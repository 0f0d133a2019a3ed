package jukvm.examples;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import jukvm.device.BlockDevice;
import jukvm.image.GuestImage;
import jukvm.monitor.Monitor;
import jukvm.monitor.Tender;

/** A disk written in Java: it keeps its blocks in the heap and tells of every write. */
public final class CustomDisk implements BlockDevice {
    private final ByteBuffer content = ByteBuffer.allocate(1 << 20);

    private CustomDisk() {}

    @Override
    public long capacity() {
        return content.capacity();
    }

    @Override
    public int blockSize() {
        return 4096;
    }

    // Offset and length were checked before either is called; an int holds them here.
    @Override
    public void read(long offset, ByteBuffer into) {
        into.put(content.slice((int) offset, into.remaining()));
    }

    @Override
    public void write(long offset, ByteBuffer from) {
        System.out.println("write " + from.remaining() + " bytes at " + offset);
        content.slice((int) offset, from.remaining()).put(from);
    }

    /** Runs the block guest named by the first argument: it writes 1 MiB and reads it back. */
    public static void main(String[] args) throws InterruptedException {
        try (Monitor monitor = Monitor.open()) {
            Tender tender =
                    Tender.builder(monitor, GuestImage.read(Path.of(args[0])))
                            .memory(16L << 20)
                            .arguments("throughput 1 262144")
                            .block("storage", new CustomDisk())
                            .build();
            System.out.println(tender.run().outcome());
        }
    }
}
