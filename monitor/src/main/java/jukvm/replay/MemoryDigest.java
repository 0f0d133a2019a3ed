package jukvm.replay;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import jukvm.memory.GuestMemory;
import jukvm.memory.UsedPages;

/** Sums up what a guest's memory is. */
final class MemoryDigest {
    private MemoryDigest() {}

    /**
     * Returns the SHA-256 of all pages that are the guest's and not zero, with their addresses, in
     * hexadecimal. The monitor's own, where the processor leaves marks, are not among them.
     *
     * @throws jukvm.error.HostException if the host cannot tell which were used
     */
    static String of(GuestMemory memory) {
        MessageDigest digest = sha256();
        ByteBuffer address = ByteBuffer.allocate(Long.BYTES);
        UsedPages.each(
                memory,
                gpa -> {
                    if (memory.isReadable(gpa, GuestMemory.PAGE)) {
                        digest.update(address.putLong(0, gpa).rewind());
                        digest.update(memory.owned(gpa, GuestMemory.PAGE));
                    }
                });
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
