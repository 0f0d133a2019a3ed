package jukvm.image;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import jukvm.error.HostException;
import jukvm.error.ImageException;
import jukvm.io.HostFile;
import jukvm.io.Requester;

/** Reads an image's file into the heap, once. */
final class ImageFile {
    static final long MAX_SIZE = 1L << 30;

    private ImageFile() {}

    static byte[] read(Requester caller, String path) {
        try (HostFile file = open(caller, path)) {
            return readOrSay(path, file);
        }
    }

    static byte[] readOrSay(String name, HostFile file) {
        try {
            return read(name, file);
        } catch (HostException e) {
            throw ImageException.unreadable(name + ": cannot read: " + e.reason());
        } catch (OutOfMemoryError e) {
            throw ImageException.unreadable(
                    name
                            + ": file of "
                            + file.size()
                            + " bytes does not fit the Java heap of "
                            + Runtime.getRuntime().maxMemory()
                            + " bytes; raise -Xmx");
        }
    }

    /**
     * Reads all of an open file.
     *
     * @throws HostException if the host cannot read it
     * @throws OutOfMemoryError if it does not fit the heap
     */
    static byte[] read(String name, HostFile file) {
        check(name, file);
        return readAll(name, file);
    }

    static byte[] read(String name, InputStream stream) {
        try {
            byte[] bytes = stream.readNBytes((int) MAX_SIZE);
            if (bytes.length == MAX_SIZE && stream.read() >= 0) {
                throw ImageException.invalid(name + ": too large: limit " + MAX_SIZE + " bytes");
            }
            return bytes;
        } catch (IOException e) {
            throw ImageException.unreadable(name + ": cannot read: " + e.getMessage());
        } catch (OutOfMemoryError e) {
            throw ImageException.unreadable(
                    name
                            + ": does not fit the Java heap of "
                            + Runtime.getRuntime().maxMemory()
                            + " bytes; raise -Xmx");
        }
    }

    static HostFile open(Requester caller, String path) {
        try {
            return HostFile.open(caller, path);
        } catch (HostException e) {
            throw ImageException.unreadable(path + ": cannot open: " + e.reason());
        }
    }

    private static void check(String name, HostFile file) {
        if (file.kind() == HostFile.Kind.DIRECTORY) {
            throw ImageException.unreadable(name + ": is a directory, not a unikernel");
        }
        if (file.kind() != HostFile.Kind.REGULAR) {
            throw ImageException.unreadable(name + ": not a regular file (" + file.kind() + ")");
        }
        if (file.size() > MAX_SIZE) {
            throw ImageException.invalid(
                    name + ": file too large: " + file.size() + " bytes, limit " + MAX_SIZE);
        }
    }

    private static byte[] readAll(String name, HostFile file) {
        byte[] bytes = new byte[(int) file.size()];
        int read = file.read(bytes);
        if (read != bytes.length) {
            throw ImageException.unreadable(
                    name
                            + ": file changed while reading: had "
                            + bytes.length
                            + " bytes, ended after "
                            + read);
        }
        return bytes;
    }

    static String sha256(byte[] bytes) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
