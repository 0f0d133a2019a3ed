package jukvm.cli.image;

import java.io.IOException;
import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import jukvm.cli.runtime.JsonObject;
import org.apache.commons.io.output.CountingOutputStream;
import org.apache.commons.io.output.NullOutputStream;

/**
 * A part of an image that others name by its digest. Its content is made twice, to be digested and
 * to be written, so that it need not be held.
 *
 * @param size in bytes
 */
record ImageBlob(String mediaType, String digest, long size, Content content) {
    /** Its bytes, the same each time. */
    interface Content {
        /** Writes them; the stream stays open. */
        void writeTo(OutputStream out) throws IOException;
    }

    static final String ALGORITHM = "sha256:";

    static ImageBlob of(String mediaType, Content content) throws IOException {
        MessageDigest sha256 = sha256();
        try (CountingOutputStream all = new CountingOutputStream(NullOutputStream.INSTANCE)) {
            content.writeTo(new DigestOutputStream(all, sha256));
            String digest = ALGORITHM + HexFormat.of().formatHex(sha256.digest());
            return new ImageBlob(mediaType, digest, all.getByteCount(), content);
        }
    }

    static ImageBlob of(String mediaType, JsonObject document) throws IOException {
        byte[] bytes = document.write();
        return of(mediaType, out -> out.write(bytes));
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // Every Java platform has it.
        }
    }

    /**
     * Writes it; the stream stays open.
     *
     * @throws IOException if it is not what it was
     */
    void writeTo(OutputStream out) throws IOException {
        MessageDigest sha256 = sha256();
        content.writeTo(new DigestOutputStream(out, sha256));
        if (!digest.equals(ALGORITHM + HexFormat.of().formatHex(sha256.digest()))) {
            throw new IOException("a file was changed while it was read");
        }
    }

    /** Returns where it is in an image's archive. */
    static String path(String digest) {
        return "blobs/" + digest.replace(':', '/');
    }

    /** Returns what names it in another document. */
    JsonObject descriptor() {
        return new JsonObject()
                .with("mediaType", mediaType)
                .with("digest", digest)
                .with("size", size);
    }
}
