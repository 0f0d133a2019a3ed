package jukvm.io;

import java.util.Optional;
import jukvm.error.HostException;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import jukvm.libc.Stat;
import org.jspecify.annotations.Nullable;

/**
 * Which file of the host something is: two that are equal are one, whatever leads to them. A block
 * device is the device itself, and not the node it has in some file system.
 *
 * @param kind of file
 * @param device number of the file system, or of the block device
 * @param inode number of the file there; 0 of a block device
 */
public record FileId(HostFile.Kind kind, long device, long inode) {
    /** Returns what a path leads to; none if that is nothing, or not to be seen. */
    public static Optional<FileId> of(Requester caller, String path) {
        int result = caller.open(path, Libc.O_PATH, 0);
        if (result < 0) {
            return Optional.empty();
        }
        try (Fd file = Fd.of(result, path, "open")) {
            return Optional.of(of(Stat.of(file)));
        } catch (HostException e) {
            return Optional.empty();
        }
    }

    /** Returns what a descriptor of this process has open; none if that is nothing. */
    public static Optional<FileId> of(int descriptor) {
        try {
            return Optional.of(of(Stat.of(descriptor, "descriptor " + descriptor)));
        } catch (HostException e) {
            return Optional.empty();
        }
    }

    /** Returns the identity of what was looked at: a block device is one by any of its nodes. */
    public static FileId of(Stat status) {
        HostFile.Kind kind = HostFile.Kind.of(status);
        return kind == HostFile.Kind.BLOCK_DEVICE
                ? new FileId(kind, status.special(), 0)
                : new FileId(kind, status.device(), status.inode());
    }

    /** Returns whether it keeps what is written: a regular file or a block device. */
    public boolean isKept() {
        return kind == HostFile.Kind.REGULAR || kind == HostFile.Kind.BLOCK_DEVICE;
    }

    /**
     * Returns the file that a loop device has its blocks in; none if it is no such device, or that
     * is not to be seen.
     */
    public Optional<FileId> backing(Requester caller) {
        return kind == HostFile.Kind.BLOCK_DEVICE
                ? LoopDevices.backing(device).flatMap(file -> of(caller, file.path()))
                : Optional.empty();
    }

    // Written out, as those that records make link a hundred classes when they are first called,
    // which is in each cold run with a stream that is a file.
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof FileId file
                && kind == file.kind
                && device == file.device
                && inode == file.inode;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(device) * 31 + Long.hashCode(inode);
    }
}
