package jukvm.device;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The blocks of a capture file, each built in the same array. Its user locks it.
 *
 * <p>Source: draft-ietf-opsawg-pcapng.
 *
 * <pre>
 * block   type u32, length u32, body, options, length u32
 * option  code u16, length u16, value, padding to 4 bytes
 * </pre>
 */
final class PcapngBlocks {
    /** The direction of a frame that the guest receives; epb_flags. */
    static final int INBOUND = 1;

    /** The direction of a frame that the guest sends; epb_flags. */
    static final int OUTBOUND = 2;

    private static final int SECTION_HEADER = 0x0a0d0d0a;
    private static final int INTERFACE_DESCRIPTION = 1;
    private static final int ENHANCED_PACKET = 6;

    private static final int BYTE_ORDER_MAGIC = 0x1a2b3c4d;
    private static final long LENGTH_UNKNOWN = -1;
    private static final short LINKTYPE_ETHERNET = 1;
    private static final byte NANOSECONDS = 9; // Tens to the minus ninth of a second.

    private static final int OPT_ENDOFOPT = 0;
    private static final int SHB_USERAPPL = 4;
    private static final int IF_NAME = 2;
    private static final int IF_MACADDR = 6;
    private static final int IF_TSRESOL = 9;
    private static final int EPB_FLAGS = 2;

    private static final int MAX_NAME = 255;
    private static final int MAX_HEADER = 512;
    private static final int FRAME_OVERHEAD = 28 + 3 + 8 + 4 + 4;

    private final int maxFrame;
    private final ByteBuffer at;

    // The wall clock without an object for each time it is asked; steps of it are not followed.
    private final long epochNanos;

    /** Prepares for frames of up to {@code maxFrame} bytes; more of one is cut off. */
    PcapngBlocks(int maxFrame) {
        this.maxFrame = maxFrame;
        int size = Math.max(MAX_HEADER, maxFrame + FRAME_OVERHEAD);
        at = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        epochNanos = WallClock.host().nanosSinceEpoch() - System.nanoTime();
    }

    /** Returns where blocks are built, from the first byte on. */
    byte[] bytes() {
        return at.array();
    }

    /** Returns the time in nanoseconds since 1970-01-01T00:00:00Z; needs no lock. */
    long time() {
        return epochNanos + System.nanoTime();
    }

    /**
     * Builds what a file with one interface begins with: section header, interface description.
     *
     * @return its length in bytes
     * @throws IllegalArgumentException if the name is longer than 255 bytes
     */
    int header(String name, MacAddress mac) {
        byte[] nameBytes = name.getBytes(UTF_8);
        if (nameBytes.length > MAX_NAME) {
            throw new IllegalArgumentException(
                    "interface name of " + nameBytes.length + " bytes: more than " + MAX_NAME);
        }
        byte[] macBytes = new byte[MacAddress.SIZE];
        for (int i = 0; i < macBytes.length; i++) {
            macBytes[i] = mac.octet(i);
        }
        at.clear();
        begin(SECTION_HEADER);
        at.putInt(BYTE_ORDER_MAGIC).putShort((short) 1).putShort((short) 0);
        at.putLong(LENGTH_UNKNOWN);
        option(SHB_USERAPPL, "jukvm".getBytes(UTF_8));
        end(0);
        int second = at.position();
        begin(INTERFACE_DESCRIPTION);
        at.putShort(LINKTYPE_ETHERNET).putShort((short) 0).putInt(maxFrame);
        option(IF_NAME, nameBytes);
        option(IF_MACADDR, macBytes);
        option(IF_TSRESOL, new byte[] {NANOSECONDS});
        end(second);
        return at.position();
    }

    /**
     * Builds the block of a frame.
     *
     * @param frame holds the frame from {@code start} up to {@code end}; hostile
     * @param direction {@link #INBOUND} or {@link #OUTBOUND}
     * @param time of {@link #time}
     * @return the block's length in bytes
     */
    int frame(ByteBuffer frame, int start, int end, int direction, long time) {
        int length = end - start;
        int captured = Math.min(length, maxFrame);
        at.clear();
        begin(ENHANCED_PACKET);
        at.putInt(0).putInt((int) (time >>> 32)).putInt((int) time);
        at.putInt(captured).putInt(length);
        frame.get(start, at.array(), at.position(), captured);
        at.position(at.position() + captured);
        pad();
        at.putShort((short) EPB_FLAGS).putShort((short) Integer.BYTES).putInt(direction);
        end(0);
        return at.position();
    }

    private void begin(int type) {
        at.putInt(type).putInt(0);
    }

    private void option(int code, byte[] value) {
        at.putShort((short) code).putShort((short) value.length).put(value);
        pad();
    }

    private void end(int start) {
        at.putShort((short) OPT_ENDOFOPT).putShort((short) 0);
        int length = at.position() + Integer.BYTES - start;
        at.putInt(length).putInt(start + Integer.BYTES, length);
    }

    // Blocks begin at multiples of 4, so that options and frames do.
    private void pad() {
        while (at.position() % Integer.BYTES != 0) {
            at.put((byte) 0);
        }
    }
}
