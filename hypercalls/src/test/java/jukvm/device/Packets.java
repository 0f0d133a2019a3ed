package jukvm.device;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/** Frames written out by hand, between 10.0.0.1 at {@link Frames#A} and 10.0.0.2 at B. */
final class Packets {
    static final int OURS = 0x0a000001;
    static final int GUESTS = 0x0a000002;

    static final String ARP_REQUEST =
            """
            ff ff ff ff ff ff  02 00 00 00 00 0a  08 06
            00 01  08 00  06 04  00 01
            02 00 00 00 00 0a  0a 00 00 01  00 00 00 00 00 00  0a 00 00 02
            """;

    static final String ARP_REPLY =
            """
            02 00 00 00 00 0a  02 00 00 00 00 0b  08 06
            00 01  08 00  06 04  00 02
            02 00 00 00 00 0b  0a 00 00 02  02 00 00 00 00 0a  0a 00 00 01
            """;

    /** The guest tells everybody its address. */
    static final String ANNOUNCEMENT =
            """
            ff ff ff ff ff ff  02 00 00 00 00 0b  08 06
            00 01  08 00  06 04  00 01
            02 00 00 00 00 0b  0a 00 00 02  00 00 00 00 00 00  0a 00 00 02
            """;

    /** "hi!" to port 7 from 49152. */
    static final String UDP_REQUEST =
            """
            02 00 00 00 00 0b  02 00 00 00 00 0a  08 00
            45 00  00 1f  00 00  40 00  40 11  26 cc  0a 00 00 01  0a 00 00 02
            c0 00  00 07  00 0b  a2 64
            68 69 21
            """;

    static final String UDP_REPLY =
            """
            02 00 00 00 00 0a  02 00 00 00 00 0b  08 00
            45 00  00 1f  12 34  40 00  40 11  14 98  0a 00 00 02  0a 00 00 01
            00 07  c0 00  00 0b  a2 64
            68 69 21
            """;

    /** Two bytes of data that make the checksum 0, which is sent as ffff. */
    static final String UDP_WITHOUT_REST =
            """
            02 00 00 00 00 0b  02 00 00 00 00 0a  08 00
            45 00  00 1e  00 00  40 00  40 11  26 cd  0a 00 00 01  0a 00 00 02
            c0 00  00 07  00 0a  ff ff
            2b d0
            """;

    private Packets() {}

    static ByteBuffer bytes(String hex) {
        return ByteBuffer.wrap(HexFormat.of().parseHex(hex.replaceAll("\\s", "")));
    }

    /** Returns the bytes with those from an index on replaced by others. */
    static ByteBuffer bytes(String hex, int at, String others) {
        ByteBuffer bytes = bytes(hex);
        return bytes.put(at, bytes(others).array());
    }

    static String hex(ByteBuffer bytes) {
        byte[] array = new byte[bytes.remaining()];
        bytes.get(bytes.position(), array);
        return HexFormat.of().formatHex(array);
    }
}
