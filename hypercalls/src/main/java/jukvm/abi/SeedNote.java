package jukvm.abi;

import java.nio.ByteBuffer;
import java.util.function.Consumer;
import jukvm.error.ImageException;
import jukvm.memory.GuestMemory;

/**
 * The content of a guest image's SEED note, which is this project's own: where in its memory the
 * guest is given random bytes that no other has. It is written before the first instruction, and in
 * each clone of a snapshot before it goes on; so a guest that looks at the number before it draws
 * notices that it is another now. Other monitors leave the number 0.
 *
 * <pre>
 * note  name "jukvm\0", type 0x44454553, descriptor u64: guest-physical address of the seed
 * seed  number u64 @0, never 0 and one more in each clone; random bytes[56] @8
 * </pre>
 *
 * @param gpa of the seed; hostile
 */
public record SeedNote(long gpa) {
    /** The type word of the note: SEED. */
    public static final int TYPE = 0x44454553;

    /** The alignment of its content in the file, in bytes. */
    public static final int ALIGNMENT = 4;

    /** The longest descriptor accepted, in bytes. */
    public static final int MAX_DESCRIPTOR = 8;

    /** How many bytes of memory a seed takes; its address is a multiple. */
    public static final int SIZE = 64;

    private static final int NUMBER = 0;
    private static final int BYTES = 8;

    /**
     * Parses the note's content.
     *
     * @throws ImageException if it is too short
     */
    public static SeedNote parse(ByteBuffer content) {
        if (content.remaining() < Long.BYTES) {
            throw ImageException.invalid(
                    "SEED note has "
                            + content.remaining()
                            + " bytes of content, need "
                            + Long.BYTES
                            + ": an address");
        }
        return new SeedNote(content.getLong(0));
    }

    /**
     * Gives the guest another seed.
     *
     * @param memory of the guest, whose image was checked: the seed is in a segment that it writes
     * @param random fills a direct buffer with bytes that nobody can guess
     */
    @SuppressWarnings("exports") // For the modules of the library.
    public void renew(GuestMemory memory, Consumer<ByteBuffer> random) {
        ByteBuffer seed = memory.owned(gpa, SIZE);
        seed.putLong(NUMBER, Math.max(seed.getLong(NUMBER) + 1, 1));
        random.accept(seed.slice(BYTES, SIZE - BYTES));
    }
}
