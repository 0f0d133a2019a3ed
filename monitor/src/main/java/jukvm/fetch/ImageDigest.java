package jukvm.fetch;

import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import jukvm.error.ConfigException;
import jukvm.error.ImageException;
import jukvm.text.Printable;

/**
 * The digest that an address wants its bytes to have: the fragment {@code sha256=HEX}.
 *
 * @param sha256 64 hexadecimal digits, lower case
 */
record ImageDigest(String sha256) {
    private static final String PREFIX = "sha256=";
    private static final int DIGITS = 64;

    /**
     * Returns the digest in an address, if there is one.
     *
     * @param name of the image, for messages
     * @throws ConfigException if the fragment is anything else
     */
    static Optional<ImageDigest> in(URI location, String name) {
        String fragment = location.getRawFragment();
        if (fragment == null) {
            return Optional.empty();
        }
        if (!fragment.startsWith(PREFIX)) {
            throw new ConfigException(
                    name
                            + ": '#"
                            + Printable.of(fragment)
                            + "' is not a digest that is known; use #sha256= and 64 hexadecimal"
                            + " digits");
        }
        String hex = fragment.substring(PREFIX.length());
        if (hex.length() != DIGITS) {
            throw new ConfigException(
                    name + ": the sha256 in the address has " + hex.length() + " digits, need 64");
        }
        if (!hex.matches("[0-9A-Fa-f]+")) {
            throw new ConfigException(
                    name + ": the sha256 '" + Printable.of(hex) + "' is not hexadecimal");
        }
        return Optional.of(new ImageDigest(hex.toLowerCase(Locale.ROOT)));
    }

    /**
     * Refuses other bytes.
     *
     * @param bytes the whole image; hostile
     * @throws ImageException if this is not their digest; the message does not name the image
     */
    void require(byte[] bytes) {
        String actual = HexFormat.of().formatHex(digest(bytes));
        if (!actual.equals(sha256)) {
            throw ImageException.invalid(
                    "sha256 is "
                            + actual
                            + ", the digest in the address is "
                            + sha256
                            + ". Use these bytes only if you know why they differ.");
        }
    }

    private static byte[] digest(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
