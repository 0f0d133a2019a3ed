package jukvm.isolation;

import java.nio.ByteBuffer;
import jukvm.abi.Dialect;
import jukvm.abi.PrivilegeLevel;

/**
 * What a worker is asked to run; devices follow, one by one.
 *
 * @param image number of it, which is the same for the same image
 * @param isNew whether the image comes with this, sealed
 * @param forgotten number of an image that is not to be kept any more, 0 if none
 * @param imageName of it, for messages
 * @param requestedAt when it was asked for, by {@link System#nanoTime}
 * @param memory in bytes
 * @param commandLine its arguments, joined
 * @param privilege it runs at
 * @param dialect it is to be taken for
 * @param netRing whether it is offered one
 * @param cpuNanos limit of CPU time
 * @param consoleBytes limit of console output
 * @param hypercalls limit of hypercalls a second
 * @param residentBytes limit of resident memory
 * @param isPaused whether it begins paused
 * @param hasOwnClock whether its clock is its embedder's
 * @param isTraced whether its hypercalls are told of
 * @param devices how many follow
 */
public record AskedGuest(
        long image,
        boolean isNew,
        long forgotten,
        String imageName,
        long requestedAt,
        long memory,
        String commandLine,
        PrivilegeLevel privilege,
        Dialect dialect,
        boolean netRing,
        long cpuNanos,
        long consoleBytes,
        long hypercalls,
        long residentBytes,
        boolean isPaused,
        boolean hasOwnClock,
        boolean isTraced,
        int devices) {
    private static final int MOST_DEVICES = 64;

    void write(ByteBuffer to) {
        to.putLong(image);
        Message.put(to, isNew);
        to.putLong(forgotten);
        Message.put(to, imageName, Message.LINE);
        to.putLong(requestedAt).putLong(memory);
        Message.put(to, commandLine, Message.LONG_TEXT);
        Message.put(to, privilege);
        Message.put(to, dialect);
        Message.put(to, netRing);
        to.putLong(cpuNanos).putLong(consoleBytes).putLong(hypercalls).putLong(residentBytes);
        Message.put(to, isPaused);
        Message.put(to, hasOwnClock);
        Message.put(to, isTraced);
        to.putInt(devices);
    }

    /** Reads one. */
    public static AskedGuest read(ByteBuffer from) {
        return new AskedGuest(
                from.getLong(),
                Message.isSo(from),
                from.getLong(),
                Message.text(from, Message.LINE),
                from.getLong(),
                Message.count(from),
                Message.text(from, Message.LONG_TEXT),
                Message.constant(from, PrivilegeLevel.class),
                Message.constant(from, Dialect.class),
                Message.isSo(from),
                Message.count(from),
                Message.count(from),
                Message.count(from),
                Message.count(from),
                Message.isSo(from),
                Message.isSo(from),
                Message.isSo(from),
                (int) Message.within(from.getInt(), 0, MOST_DEVICES));
    }
}
