package jukvm.image;

import java.util.Arrays;

/** Recognises what people pass by mistake, by its first bytes. */
final class Magic {
    private static final byte[] ELF = {0x7f, 'E', 'L', 'F'};

    private Magic() {}

    /**
     * Describes the start of a file that is not an ELF file.
     *
     * @param start its first bytes, at most four
     * @return empty if it may be an ELF file
     */
    static String describe(byte[] start) {
        if (Arrays.equals(start, 0, start.length, ELF, 0, start.length)) {
            return "";
        }
        StringBuilder hex = new StringBuilder();
        for (byte b : start) {
            hex.append(String.format("%s%02x", hex.isEmpty() ? "" : " ", b));
        }
        return hex + hint(start);
    }

    private static String hint(byte[] start) {
        if (begins(start, 0x1f, 0x8b)) {
            return ": gzip in gzip; decompress it first";
        }
        if (begins(start, 0x28, 0xb5, 0x2f, 0xfd)) {
            return ": zstd; decompress it first";
        }
        if (begins(start, '#', '!')) {
            return ": a script";
        }
        if (begins(start, 'J', 'U', 'K', 'V')) {
            return ": a snapshot that is damaged, or stands where an image is wanted";
        }
        if (begins(start, 'M', 'Z')) {
            return ": a PE file or Linux kernel";
        }
        return "";
    }

    private static boolean begins(byte[] start, int... magic) {
        for (int i = 0; i < magic.length; i++) {
            if (i >= start.length || (start[i] & 0xff) != magic[i]) {
                return false;
            }
        }
        return true;
    }
}
