package jukvm.device;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a DHCP client asks. Source: RFC 2131 and 2132.
 *
 * <pre>
 * op u8 @0   htype u8 @1   hlen u8 @2   xid u32 @4   flags u16 @10   ciaddr u32 @12   yiaddr u32 @16
 * siaddr u32 @20   chaddr u8[16] @28   names u8[192] @44   cookie u32 @236   options from @240, each
 * a code u8 and, but for PAD and END, a length u8 and so many bytes
 * </pre>
 *
 * @param type such as {@link #DISCOVER}
 * @param beginning all up to the options, which an answer repeats
 * @param wanted the address that the client asks for, or has; 0 for any
 * @param server the one that it has chosen; 0 if it has not
 */
record DhcpMessage(int type, ByteBuffer beginning, int wanted, int server) {
    static final int SERVER_PORT = 67;
    static final int CLIENT_PORT = 68;

    static final int DISCOVER = 1;
    static final int OFFER = 2;
    static final int REQUEST = 3;
    static final int ACK = 5;
    static final int NAK = 6;
    static final int INFORM = 8;

    // Codes of options.
    static final int SUBNET_MASK = 1;
    static final int ROUTER = 3;
    static final int NAME_SERVER = 6;
    static final int INTERFACE_MTU = 26;
    static final int LEASE_TIME = 51;
    static final int SERVER = 54;
    private static final int PAD = 0;
    private static final int WANTED = 50;
    private static final int TYPE = 53;
    private static final int END = 255;

    private static final int OP = 0;
    private static final int HARDWARE = 1; // u8 of its type, u8 of its addresses' size
    private static final int SECONDS = 8; // u16
    private static final int FLAGS = 10; // u16
    private static final int CLIENT = 12; // u32
    private static final int YOURS = 16; // u32
    private static final int NEXT_SERVER = 20; // u32
    private static final int NAMES = 44;
    private static final int COOKIE = 236; // u32
    private static final int OPTIONS = 240;

    private static final byte ASK = 1;
    private static final byte ANSWER = 2;
    private static final short ETHERNET = 0x0106;
    private static final int MAGIC = 0x63825363;
    private static final int BROADCAST = 0x8000;

    /** The shortest that clients of BOOTP take. Source: RFC 1542, 2.1. */
    private static final int SHORTEST = 300;

    /**
     * Returns what a datagram asks, or null if it asks nothing that is whole.
     *
     * @param data all between position and limit; hostile
     */
    static @Nullable DhcpMessage parse(ByteBuffer data) {
        ByteBuffer at = data.slice();
        if (at.limit() < OPTIONS
                || at.get(OP) != ASK
                || at.getShort(HARDWARE) != ETHERNET
                || at.getInt(COOKIE) != MAGIC) {
            return null;
        }
        int type = 0;
        int wanted = at.getInt(CLIENT);
        int server = 0;
        int next = OPTIONS;
        while (next < at.limit() && (at.get(next) & 0xff) != END) {
            int code = at.get(next) & 0xff;
            if (code == PAD) {
                next++;
                continue;
            }
            int length = next + 1 < at.limit() ? at.get(next + 1) & 0xff : 0;
            int value = next + 2;
            next = value + length;
            if (next > at.limit()) {
                return null;
            }
            if (code == TYPE && length == 1) {
                type = at.get(value);
            } else if (code == WANTED && length == Integer.BYTES) {
                wanted = at.getInt(value);
            } else if (code == SERVER && length == Integer.BYTES) {
                server = at.getInt(value);
            }
        }
        return new DhcpMessage(type, at.slice(0, OPTIONS), wanted, server);
    }

    /** Returns whether the client asks for an answer to everybody, having no address yet. */
    boolean wantsBroadcast() {
        return (beginning.getShort(FLAGS) & BROADCAST) != 0;
    }

    /** Returns the address that the client has; 0 if it has none. */
    int client() {
        return beginning.getInt(CLIENT);
    }

    /** Begins an answer; options are put after it, of which the last is {@link #end}. */
    ByteBuffer answer(int answerType, int address) {
        ByteBuffer answer = ByteBuffer.allocate(SHORTEST).put(beginning.duplicate());
        answer.put(OP, ANSWER).putShort(SECONDS, (short) 0);
        answer.putInt(YOURS, address).putInt(NEXT_SERVER, 0);
        Arrays.fill(answer.array(), NAMES, COOKIE, (byte) 0);
        return answer.put((byte) TYPE).put((byte) 1).put((byte) answerType);
    }

    /** Puts an option that is an address or a time in seconds. */
    static void put(ByteBuffer answer, int code, int value) {
        answer.put((byte) code).put((byte) Integer.BYTES).putInt(value);
    }

    /** Puts an option of 16 bits. */
    static void putShort(ByteBuffer answer, int code, int value) {
        answer.put((byte) code).put((byte) Short.BYTES).putShort((short) value);
    }

    /** Ends an answer, which is then all between position and limit. */
    static ByteBuffer end(ByteBuffer answer) {
        return answer.put((byte) END).clear();
    }
}
