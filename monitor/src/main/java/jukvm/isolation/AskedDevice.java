package jukvm.isolation;

import java.nio.ByteBuffer;
import jukvm.device.AttachedBlock;
import jukvm.device.MacAddress;

/**
 * A device of a guest's in a worker.
 *
 * @param name by which it is attached
 * @param way how the worker has it
 * @param path of its file or interface, for messages
 * @param capacity of a disk, in bytes
 * @param blockSize of a disk, in bytes
 * @param isReadOnly whether a disk refuses every write
 * @param mac of an interface, as {@link MacAddress#bits}; 0 for a disk
 * @param mtu of an interface, in bytes
 */
public record AskedDevice(
        String name,
        Way way,
        String path,
        long capacity,
        int blockSize,
        boolean isReadOnly,
        long mac,
        int mtu) {
    /** How a worker has a device. */
    public enum Way {
        /** A disk by the descriptor of its file. */
        FILE,
        /** A disk by messages. */
        BLOCK,
        /** An interface by its descriptor. */
        TAP,
        /** An interface by a link through which its frames pass. */
        NET
    }

    private static final int LONGEST_NAME = 1024;

    static AskedDevice disk(String name, Way way, String path, AttachedBlock block) {
        return new AskedDevice(
                name, way, path, block.capacity(), block.blockSize(), block.isReadOnly(), 0, 0);
    }

    static AskedDevice net(String name, Way way, String path, MacAddress mac, int mtu) {
        return new AskedDevice(name, way, path, 0, 0, false, mac.bits(), mtu);
    }

    void write(ByteBuffer to) {
        Message.put(to, name, LONGEST_NAME);
        Message.put(to, way);
        Message.put(to, path, Message.LONG_TEXT);
        to.putLong(capacity).putInt(blockSize);
        Message.put(to, isReadOnly);
        to.putLong(mac).putInt(mtu);
    }

    /** Reads one. */
    public static AskedDevice read(ByteBuffer from) {
        return new AskedDevice(
                Message.text(from, LONGEST_NAME),
                Message.constant(from, Way.class),
                Message.text(from, Message.LONG_TEXT),
                Message.count(from),
                from.getInt(),
                Message.isSo(from),
                from.getLong(),
                from.getInt());
    }
}
