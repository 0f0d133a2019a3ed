package jukvm.block;

import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import jukvm.error.ConfigException;
import jukvm.error.HostException;
import jukvm.io.FileId;
import jukvm.io.Holder;
import jukvm.io.HostFile;
import jukvm.io.LoopDevices;
import jukvm.io.Requester;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Flock;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;
import jukvm.libc.Stat;

/**
 * A regular file or block device that is open and locked against all who would write it meanwhile,
 * or read what is written: the file by itself, the device whatever node leads to it.
 *
 * <p>Who writes a device has it for himself, by O_EXCL: the kernel refuses that where a device, the
 * disk it is a part of or a part of it is mounted or otherwise in use, and refuses it to others
 * meanwhile. Who only reads looks whether somebody has. Source: open(2); fcntl(2), open file
 * description locks, which are of the node.
 *
 * @param fd of the file or device
 * @param backing the locked file in which a loop device has its blocks, if it could be opened
 * @param size in bytes
 */
record BlockAttachment(Fd fd, Optional<Fd> backing, long size) implements AutoCloseable {
    private static final Libc LIBC = Libc.get();
    private static final long BLKROGET = 0x125e; // linux/fs.h; an int that is not 0 if read-only

    // Another who looks has the device for himself for microseconds.
    private static final int LOOKS = 50;
    private static final long BETWEEN_LOOKS_NANOS = 10_000_000;

    private static final String EXCLUSIVE = "the host (mounted?)";

    /**
     * Opens and locks it.
     *
     * @param flags for open(2), beside those for reading and writing
     * @throws ConfigException if it is neither a regular file nor a block device
     * @throws HostException if it cannot be opened, or is in use
     */
    static BlockAttachment open(Requester caller, String path, boolean readOnly, int flags) {
        Fd fd = openFile(caller, path, readOnly, flags);
        Optional<Fd> backing = Optional.empty();
        try {
            Stat status = Stat.of(fd);
            HostFile.Kind kind = HostFile.Kind.of(status);
            requireBlocks(path, kind);
            if (kind == HostFile.Kind.REGULAR) {
                lock(caller, fd, readOnly);
                requireNoLoop(fd, FileId.of(status), readOnly);
                return new BlockAttachment(fd, backing, status.size());
            }
            if (readOnly) {
                lock(caller, fd, true);
                requireNoWriter(caller, path, status.special());
            } else {
                requireWritable(fd);
                // Looked for before there is a lock of ours: whoever opened the device for us may
                // have it open still, and would seem to have that lock. A reader who comes later
                // finds that we have the device for ourselves.
                Optional<String> reader = Holder.ofLockedDevice(status.special());
                lock(caller, fd, false);
                if (reader.isPresent()) { // By another node, which has locks of its own.
                    throw inUse(caller, path, reader);
                }
            }
            backing = lockBacking(caller, fd, status.special(), readOnly);
            return new BlockAttachment(fd, backing, deviceSize(fd));
        } catch (ConfigException | HostException e) {
            backing.ifPresent(Fd::close);
            fd.close();
            throw e;
        }
    }

    private static Fd openFile(Requester caller, String path, boolean readOnly, int flags) {
        // Of a regular file, O_EXCL alone means nothing.
        int access = readOnly ? Libc.O_RDONLY : Libc.O_RDWR | Libc.O_EXCL;
        try {
            return open(caller, path, access | flags | Libc.O_NONBLOCK);
        } catch (HostException e) {
            // Directories and sockets cannot be opened like this, with errors that do not say so.
            try (Fd unopened = open(caller, path, Libc.O_PATH)) {
                Stat status = Stat.of(unopened);
                requireBlocks(path, HostFile.Kind.of(status));
                if (e.errno() == Errno.EBUSY) {
                    throw inUse(caller, path, Holder.ofDevice(status.special()));
                }
            } catch (HostException other) {
                throw other.errno() == Errno.EBUSY ? other : e;
            }
            throw readOnly || !canBeRead(caller, path)
                    ? e
                    : unwritable(path, e.reason(), e.errno());
        }
    }

    private static Fd open(Requester caller, String path, int flags) {
        return Fd.of(caller.open(path, flags, 0), path, "open");
    }

    private static void requireBlocks(String path, HostFile.Kind kind) {
        if (kind != HostFile.Kind.REGULAR && kind != HostFile.Kind.BLOCK_DEVICE) {
            throw new ConfigException(
                    path + ": is a " + kind + ", need a regular file or a block device");
        }
    }

    private static boolean canBeRead(Requester caller, String path) {
        int fd = caller.open(path, Libc.O_RDONLY | Libc.O_NONBLOCK, 0);
        return fd >= 0 && LIBC.close(fd) == 0;
    }

    private static HostException unwritable(String path, String reason, int errno) {
        String remedy = "It can be read: attach the image read-only with :ro";
        return new HostException(path + ": open for writing", reason, errno, remedy);
    }

    // A device that is switched to read-only can be opened for writing all the same.
    private static void requireWritable(Fd device) {
        try (Mapping arena = Mapping.anonymous(Integer.BYTES)) {
            device.ioctl("BLKROGET", BLKROGET, arena.address());
            if (arena.window(0, Integer.BYTES).getInt(0) != 0) {
                throw unwritable(device.name(), Errno.describe(Errno.EROFS), Errno.EROFS);
            }
        }
    }

    private static void lock(Requester caller, Fd fd, boolean readOnly) {
        int result = Flock.lock(fd.number(), readOnly);
        if (result >= 0) {
            return;
        }
        if (!isTaken(result)) {
            String remedy = "Keep the image on a file system that has locks.";
            throw Errno.exception(fd.name() + ": lock", -result, remedy);
        }
        String holder = Holder.ofLock(fd.number(), readOnly);
        String remedy = "; stop it";
        if (holder.equals(Holder.THIS)) {
            holder = caller.thisProcess();
            remedy = "; attach it once, or each time read-only with :ro";
        } else if (!readOnly) {
            remedy += ", or attach the image read-only with :ro";
        }
        throw new HostException(fd.name(), "is in use by " + holder + remedy, -result, "");
    }

    private static boolean isTaken(int result) {
        return result == -Errno.EAGAIN || result == -Errno.EACCES;
    }

    private static void requireNoLoop(Fd fd, FileId file, boolean readOnly) {
        Optional<String> loop = LoopDevices.over(file, readOnly);
        if (loop.isPresent()) {
            throw new HostException(
                    fd.name(),
                    "is in use by the host, as " + loop.get(),
                    Errno.EBUSY,
                    "Detach that (losetup -d " + loop.get() + "), or attach it instead");
        }
    }

    private static void requireNoWriter(Requester caller, String path, long device) {
        int flags = Libc.O_RDONLY | Libc.O_EXCL | Libc.O_NONBLOCK;
        int result = caller.open(path, flags, 0);
        for (int i = 0; i < LOOKS && result == -Errno.EBUSY; i++) {
            LockSupport.parkNanos(BETWEEN_LOOKS_NANOS);
            result = caller.open(path, flags, 0);
        }
        if (result == -Errno.EBUSY) {
            throw inUse(caller, path, Holder.ofDevice(device));
        }
        if (result >= 0) {
            LIBC.close(result);
        }
    }

    private static HostException inUse(Requester caller, String path, Optional<String> holder) {
        String shown =
                holder.map(name -> name.equals(Holder.THIS) ? caller.thisProcess() : name)
                        .orElse(EXCLUSIVE);
        String remedy = holder.isPresent() ? "" : "Unmount it, or take it out of its use there";
        return new HostException(path, "is in use by " + shown, Errno.EBUSY, remedy);
    }

    // Else the file could be attached by itself, or by another loop device.
    private static Optional<Fd> lockBacking(
            Requester caller, Fd device, long special, boolean readOnly) {
        Optional<LoopDevices.Backing> found = LoopDevices.backing(special);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        LoopDevices.Backing backing = found.get();
        int access = readOnly ? Libc.O_RDONLY : Libc.O_RDWR;
        int number = caller.open(backing.path(), access | Libc.O_NONBLOCK, 0);
        if (number < 0) {
            return Optional.empty(); // Of another namespace or user, or deleted.
        }
        Fd file = Fd.of(number, device.name() + ": " + backing.path(), "open");
        int result = Flock.lock(file.number(), readOnly, backing.start(), backing.length());
        if (isTaken(result)) {
            String holder = Holder.ofLock(file.number(), readOnly);
            file.close();
            throw inUse(caller, file.name(), Optional.of(holder));
        }
        return Optional.of(file);
    }

    private static long deviceSize(Fd fd) {
        long size = LIBC.lseek(fd.number(), 0, Libc.SEEK_END);
        if (size < 0) {
            throw Errno.exception(fd.name() + ": lseek", (int) -size);
        }
        return size;
    }

    /** Closes it, which gives up its locks. */
    @Override
    public void close() {
        backing.ifPresent(Fd::close);
        fd.close();
    }
}
