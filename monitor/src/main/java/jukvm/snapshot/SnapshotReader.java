package jukvm.snapshot;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.zip.CRC32C;
import jukvm.error.ConfigException;
import jukvm.error.GuestException;
import jukvm.error.HostException;
import jukvm.error.ImageException;
import jukvm.io.HostFile;
import jukvm.kvm.Msr;
import jukvm.kvm.VcpuSnapshot;
import jukvm.memory.FilePages;
import jukvm.memory.GuestMemory;
import jukvm.memory.MemoryTemplate;
import jukvm.memory.MemoryTemplate.Run;
import jukvm.vm.SnapshotHost;
import jukvm.vm.SnapshotOrigin;
import jukvm.vm.SnapshotState;
import jukvm.x86.BootState;
import jukvm.x86.TrapEmulator;

/**
 * Reads a snapshot from a file, which is hostile: whoever made it may have made all of it. What a
 * guest at its ring could not have made itself is refused, or not in the file at all; pages are
 * copied and the file is not looked at again, so nothing that becomes of it later matters.
 */
public final class SnapshotReader {
    private static final int CHUNK = 1 << 20;

    // Less is copied while a JVM starts.
    private static final long LARGE = 16L << 20;

    private final String name;
    private final HostFile file;
    private final boolean mayMap;
    private final SnapshotHost host;
    private final SnapshotContents contents;
    private final Facts facts;

    private SnapshotReader(String name, HostFile file, SnapshotHost host, boolean mayMap) {
        this.name = name;
        this.file = file;
        this.mayMap = mayMap;
        this.host = host;
        ByteBuffer beginning = ByteBuffer.allocateDirect(Head.BEGINNING);
        beginning.limit(file.read(beginning, 0));
        byte[] bytes = new byte[Head.length(beginning, file.size())];
        if (file.read(bytes) != bytes.length) {
            throw Head.damaged("it became shorter while it was read");
        }
        this.contents = new SnapshotContents(name, bytes, file.size());
        this.facts = contents.facts;
    }

    /**
     * Returns whether a file begins as a snapshot does.
     *
     * @throws HostException if it cannot be read
     */
    public static boolean isSnapshot(HostFile file) {
        if (file.kind() != HostFile.Kind.REGULAR || file.size() < Head.PAGE) {
            return false;
        }
        ByteBuffer beginning = ByteBuffer.allocateDirect(Head.BEGINNING);
        beginning.limit(file.read(beginning, 0));
        return Head.isOne(beginning);
    }

    /** Returns whether bytes are the first of such a file. */
    public static boolean isBeginning(ByteBuffer beginning) {
        return Head.isOne(beginning);
    }

    /**
     * Reads a snapshot.
     *
     * @param name for messages
     * @param file that it is in
     * @param host that its clones are to run on
     * @param mayMap whether pages of a large file may be read when they are touched, and the file
     *     is kept from being written meanwhile: see {@link FilePages}
     * @throws ImageException if it is none, or damaged; the message begins with the name
     * @throws ConfigException if the host is not of the kind it was taken on, with all that is
     *     missing
     * @throws HostException if the file cannot be read, or the host has no memory for it
     */
    public static SnapshotState read(
            String name, HostFile file, SnapshotHost host, boolean mayMap) {
        if (file.kind() != HostFile.Kind.REGULAR) {
            throw ImageException.unreadable(name + ": not a regular file (" + file.kind() + ")");
        }
        try {
            return new SnapshotReader(name, file, host, mayMap).read();
        } catch (ImageException e) {
            throw named(name, e);
        } catch (OutOfMemoryError e) {
            throw tooLarge(name);
        }
    }

    /**
     * Reads a snapshot of which no clone is to run here, and compares all of its sums.
     *
     * @param name for messages
     * @param in its file, from the beginning; hostile; stays open
     * @param size of that in bytes
     * @throws ImageException if it is none, or damaged; the message begins with the name
     * @throws IOException if it cannot be read, or is shorter
     */
    public static SnapshotOrigin check(String name, InputStream in, long size) throws IOException {
        try {
            byte[] beginning = in.readNBytes(Head.BEGINNING);
            byte[] head = Arrays.copyOf(beginning, Head.length(ByteBuffer.wrap(beginning), size));
            int rest = head.length - beginning.length;
            if (in.readNBytes(head, beginning.length, rest) != rest) {
                throw new EOFException("ends within its head");
            }
            SnapshotContents contents = new SnapshotContents(name, head, size);
            requireSum(contents, sum(in, size - head.length));
            return contents.origin();
        } catch (ImageException e) {
            throw named(name, e);
        } catch (OutOfMemoryError e) {
            throw tooLarge(name);
        }
    }

    private static ImageException tooLarge(String name) {
        return ImageException.unreadable(
                name + ": its head does not fit the Java heap; raise -Xmx");
    }

    private static CRC32C sum(InputStream in, long size) throws IOException {
        CRC32C sum = new CRC32C();
        byte[] chunk = new byte[CHUNK];
        for (long left = size; left > 0; ) {
            int count = in.read(chunk, 0, (int) Math.min(left, chunk.length));
            if (count < 0) {
                throw new EOFException("ends " + left + " bytes too soon");
            }
            sum.update(chunk, 0, count);
            left -= count;
        }
        return sum;
    }

    private static void requireSum(SnapshotContents contents, CRC32C sum) {
        if ((int) sum.getValue() != contents.pagesSum) {
            throw Head.damaged("checksum of its pages is wrong");
        }
    }

    private static ImageException named(String name, ImageException e) {
        return e.getMessage().startsWith(name + ": ") ? e : e.about(name);
    }

    private SnapshotState read() {
        requireHost();
        FilePages pages =
                mayMap && file.size() - contents.length >= LARGE
                        ? FilePages.of(file, contents.length, contents.runs).orElse(null)
                        : null;
        MemoryTemplate template =
                MemoryTemplate.filled(
                        facts.memory(),
                        memory -> {
                            BootState.layOut(
                                    memory,
                                    contents.image,
                                    contents.privilege,
                                    contents.ports::contains);
                            contents.runs.forEach(run -> requireGuests(memory, run));
                            if (pages == null) {
                                copy(memory);
                            }
                            if (contents.isUser()) {
                                contents.msrs.forEach(msr -> requireClock(memory, msr));
                            }
                        },
                        pages);
        try {
            return new SnapshotState(
                    contents.origin(),
                    new SnapshotState.Host(contents.cpuid, facts.tscHz()),
                    template,
                    VcpuSnapshot.of(
                            !contents.isUser(),
                            contents.regs,
                            contents.sregs,
                            contents.rest,
                            contents.msrs,
                            facts.counter()),
                    facts.resume());
        } catch (RuntimeException | Error e) {
            template.close();
            throw e;
        }
    }

    private void requireHost() {
        List<Msr> msrs = contents.msrs;
        List<String> missing = new ArrayList<>(contents.cpuid.missingOn(host.cpuid()));
        if (!contents.isUser() && !host.runsPrivileged()) {
            missing.add("ring 0 needs read-only memory slots (KVM_CAP_READONLY_MEM)");
        }
        UUID boot = Facts.thisBoot();
        if (!facts.boot().equals(boot) && !host.ownsCounter()) {
            missing.add(
                    "it was started anew since, or is another, and without hardware virtualisation"
                            + " its guests see its own time-stamp counter");
        }
        if (!contents.isUser() && !msrs.isEmpty()) {
            Set<Integer> settable = host.settableMsrs();
            for (Msr msr : msrs) {
                if (!settable.contains(msr.index())) {
                    missing.add(
                            "model-specific register 0x"
                                    + Integer.toHexString(msr.index())
                                    + " cannot be set");
                }
            }
        }
        if (!missing.isEmpty()) {
            throw new ConfigException(
                    name
                            + ": this host is not of the kind that the snapshot was taken on: "
                            + String.join("; ", missing)
                            + ". Take a snapshot on this host.");
        }
    }

    private void requireGuests(GuestMemory memory, Run run) {
        if (contents.isUser() && !memory.isReadable(run.start(), run.length())) {
            throw Head.damaged(
                    "pages at 0x" + Long.toHexString(run.start()) + " are among the monitor's own");
        }
    }

    private void copy(GuestMemory memory) {
        CRC32C sum = new CRC32C();
        long at = contents.length;
        for (Run run : contents.runs) {
            for (long done = 0; done < run.length(); done += CHUNK) {
                int count = (int) Math.min(CHUNK, run.length() - done);
                ByteBuffer to = memory.owned(run.start() + done, count);
                if (file.read(to, at) != count) {
                    throw Head.damaged("it became shorter while it was read");
                }
                sum.update(to);
                at += count;
            }
        }
        requireSum(contents, sum);
    }

    // All else of these a guest at ring 3 has no way to change.
    private static void requireClock(GuestMemory memory, Msr msr) {
        String register = "model-specific register 0x" + Integer.toHexString(msr.index());
        try {
            if (!TrapEmulator.mayTellTime(memory, msr)) {
                throw Head.damaged(register + " is none that a guest at ring 3 can set");
            }
        } catch (GuestException e) {
            throw Head.damaged(register + ": " + e.getMessage());
        }
    }
}
