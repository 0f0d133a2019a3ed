package examples;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import jukvm.device.BlockDevice;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;

/** A disk written in Java: it keeps its blocks in the heap and tells of every write. */
public record CustomDisk(long capacity, int blockSize, ByteBuffer content) implements BlockDevice {
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
        GuestSpec guest =
                GuestSpec.of(GuestImage.read(Path.of(args[0])))
                        .arguments("throughput 1 262144")
                        .block(
                                "storage",
                                new CustomDisk(1 << 20, 4096, ByteBuffer.allocate(1 << 20)));
        try (Monitor monitor = Monitor.open()) {
            System.out.println(monitor.run(guest).outcome().message());
        }
    }
}
