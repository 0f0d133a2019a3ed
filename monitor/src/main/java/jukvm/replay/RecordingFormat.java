package jukvm.replay;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import jukvm.error.ConfigException;
import jukvm.memory.GuestMemory;

/**
 * The format of a recording, which is drawn here and nowhere else. Numbers of fixed size are
 * little-endian, others are LEB128, with their sign in the lowest bit where they can be negative.
 *
 * <pre>
 * file     "jukvmrec", version u32, chunks
 * chunk    bytes of payload u32, their CRC32C u32, payload
 * payload  a header, in the first chunk; or events, each whole
 * header   strings: image, SHA-256, dialect; ring, memory, frequency of the counter in Hz; command
 *          line; number of devices, and of each: type, string: name, bytes: properties; bytes:
 *          CPUID
 * string   bytes that are text as HostText has it
 * bytes    their number, then they
 * event    kind u8, then
 *   call   result u8, port, address; what it passed: number of ranges, of each its address from
 *          that of the last, length; CRC32C of them all u32, bytes: the first of them; what it was
 *          told: number of ranges, of each its address from that of the last, bytes; string: what
 *          was wrong with it, if that is its result
 *   time   counter, from that of the last
 *   random number u64
 *   clock  register, value, bytes: what was written
 *   end    strings: kind of outcome, message; status; string: digest of memory, or none
 * </pre>
 */
final class RecordingFormat {
    static final byte[] MAGIC = "jukvmrec".getBytes(StandardCharsets.US_ASCII);
    static final int VERSION = 1;
    static final int HEAD = MAGIC.length + Integer.BYTES;
    static final int CHUNK_HEAD = 2 * Integer.BYTES;

    static final int CALL = 1;
    static final int TIME = 2;
    static final int RANDOM = 3;
    static final int CLOCK = 4;
    static final int END = 5;

    static final int GOES_ON = 0;
    static final int ENDS = 1;
    static final int FAULTS = 2;

    /** How many bytes of what a call passed are kept to be shown, at most. */
    static final int SHOWN = 32;

    /** How many bytes one call can be told, at most; a request for more ends the recording. */
    static final int MAX_TOLD = 16 << 20;

    /** How long a chunk may be in bytes: one event more than are written at a time. */
    static final int MAX_CHUNK = 2 * MAX_TOLD;

    /** How long what is wrong with a call may be, in characters. */
    static final int MAX_FAULT = 400;

    private RecordingFormat() {}

    static int checksum(byte[] bytes, int from, int length) {
        CRC32C sum = new CRC32C();
        sum.update(bytes, from, length);
        return (int) sum.getValue();
    }

    /** Adds a range of memory to a checksum, of any length. */
    static void add(CRC32C sum, GuestMemory memory, long gpa, long length) {
        for (long done = 0; done < length; done += GuestMemory.MAX_BUFFER) {
            sum.update(memory.owned(gpa + done, Math.min(length - done, GuestMemory.MAX_BUFFER)));
        }
    }

    /** Returns why a recording is refused, in a line. */
    static ConfigException refused(String name, String fact) {
        return new ConfigException(name + ": " + fact);
    }
}
