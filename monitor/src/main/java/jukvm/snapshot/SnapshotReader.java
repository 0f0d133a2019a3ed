package jukvm.snapshot;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.zip.CRC32C;
import jukvm.abi.Dialect;
import jukvm.abi.PrivilegeLevel;
import jukvm.device.NetRing;
import jukvm.error.ConfigException;
import jukvm.error.GuestException;
import jukvm.error.HostException;
import jukvm.error.ImageException;
import jukvm.image.GuestImage;
import jukvm.io.HostFile;
import jukvm.kvm.Cpuid;
import jukvm.kvm.KvmRegs;
import jukvm.kvm.Msr;
import jukvm.kvm.VcpuSnapshot;
import jukvm.memory.FilePages;
import jukvm.memory.GuestMemory;
import jukvm.memory.MemoryTemplate;
import jukvm.memory.MemoryTemplate.Run;
import jukvm.text.Printable;
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
    private static final int MAX_NAME = 64;
    private static final int MAX_PORTS = 64;
    private static final int MAX_CPUID = 1 << 16;
    private static final int MAX_MSRS = 1 << 16;
    private static final long MAX_RUNS = GuestMemory.MAX_SIZE / Head.PAGE * 2 * Long.BYTES;
    private static final long MEMORY_UNIT = 2L << 20;

    // Less is copied while a JVM starts.
    private static final long LARGE = 16L << 20;

    private final String name;
    private final HostFile file;
    private final boolean mayMap;
    private final SnapshotHost host;
    private final Head.Reader head;
    private final long headLength;
    private final Facts facts;
    private final Dialect dialect;
    private final PrivilegeLevel privilege;
    private final boolean isUser;

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
        this.headLength = bytes.length;
        this.head = new Head.Reader(bytes);
        this.facts = Facts.decode(head.next("section of numbers", Facts.SIZE));
        this.privilege = facts.privilege();
        this.isUser = privilege == PrivilegeLevel.RING_3;
        this.dialect = dialect(text(head.next("dialect", 1, MAX_NAME, 1)));
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
            throw e.getMessage().startsWith(name + ": ") ? e : e.about(name);
        } catch (OutOfMemoryError e) {
            throw ImageException.unreadable(
                    name + ": its head does not fit the Java heap; raise -Xmx");
        }
    }

    private static String text(ByteBuffer section) {
        return StandardCharsets.US_ASCII.decode(section).toString();
    }

    private static Dialect dialect(String word) {
        return Dialect.named(word)
                .orElseThrow(
                        () -> Head.damaged("dialect '" + Printable.of(word) + "' is not known"));
    }

    private SnapshotState read() {
        ByteBuffer devices = head.next("section of devices", 0, 1 << 16, 1);
        List<Integer> ports = ports(head.next("section of ports", 0, MAX_PORTS * 2L, 2));
        Cpuid cpuid = cpuid(head.next("section of CPUID", 0, MAX_CPUID, 1));
        byte[] regs = Registers.general(head.next("general registers", KvmRegs.SIZE), privilege);
        byte[] sregs =
                Registers.special(
                        head.next("special registers", Registers.specialSize(privilege)),
                        dialect,
                        privilege);
        byte[] rest =
                Registers.bytes(head.next("vector registers", VcpuSnapshot.stateSize(!isUser)));
        List<Msr> msrs = msrs(head.next("model-specific registers", 0, MAX_MSRS, 16));
        GuestImage image = image(head.next("image", 1, GuestImage.MAX_BYTES, 1));
        requireGuest(image, devices);
        List<Run> runs = runs(head.next("table of pages", 0, MAX_RUNS, 16));
        head.end();
        requireHost(cpuid, msrs);
        FilePages pages =
                mayMap && file.size() - headLength >= LARGE
                        ? FilePages.of(file, headLength, runs).orElse(null)
                        : null;
        MemoryTemplate template =
                MemoryTemplate.filled(
                        facts.memory(),
                        memory -> {
                            BootState.layOut(memory, image, privilege, ports::contains);
                            runs.forEach(run -> requireGuests(memory, run));
                            if (pages == null) {
                                copy(memory, runs);
                            }
                            if (isUser) {
                                msrs.forEach(msr -> requireClock(memory, msr));
                            }
                        },
                        pages);
        try {
            return new SnapshotState(
                    new SnapshotOrigin(image, dialect, privilege, facts.memory(), devices, ports),
                    new SnapshotState.Host(cpuid, facts.tscHz()),
                    template,
                    VcpuSnapshot.of(!isUser, regs, sregs, rest, msrs, facts.counter()),
                    facts.resume());
        } catch (RuntimeException | Error e) {
            template.close();
            throw e;
        }
    }

    private static List<Integer> ports(ByteBuffer section) {
        List<Integer> ports = new ArrayList<>();
        while (section.hasRemaining()) {
            int port = section.getShort() & 0xffff;
            if (!BootState.mayBeCall(port)) {
                throw Head.damaged("port 0x" + Integer.toHexString(port) + " is no hypercall's");
            }
            ports.add(port);
        }
        return List.copyOf(ports);
    }

    private static Cpuid cpuid(ByteBuffer section) {
        try {
            return Cpuid.decode(section);
        } catch (IllegalArgumentException e) {
            throw Head.damaged(section.remaining() + " bytes of CPUID");
        }
    }

    private static List<Msr> msrs(ByteBuffer section) {
        List<Msr> msrs = new ArrayList<>();
        Set<Long> seen = new HashSet<>();
        while (section.hasRemaining()) {
            long index = section.getLong();
            if (index < 0 || index > 0xffffffffL || !seen.add(index)) {
                throw Head.damaged("model-specific register 0x" + Long.toHexString(index));
            }
            msrs.add(new Msr((int) index, section.getLong()));
        }
        return List.copyOf(msrs);
    }

    private GuestImage image(ByteBuffer section) {
        byte[] bytes = Registers.bytes(section);
        if (bytes.length > 1 && bytes[0] == 0x1f) {
            throw Head.damaged("its image is compressed");
        }
        return GuestImage.of(name, bytes);
    }

    // Ascending, so that none overlaps another, and as many bytes as the file has.
    private List<Run> runs(ByteBuffer section) {
        List<Run> runs = new ArrayList<>();
        long end = 0;
        long bytes = 0;
        while (section.hasRemaining()) {
            long start = section.getLong();
            long length = section.getLong();
            boolean isPages = start % Head.PAGE == 0 && length % Head.PAGE == 0;
            if (!isPages || start < end || length <= 0 || length > facts.memory() - start) {
                throw Head.damaged(
                        "pages at 0x"
                                + Long.toHexString(start)
                                + ", 0x"
                                + Long.toHexString(length)
                                + " bytes");
            }
            end = start + length;
            bytes += length;
            runs.add(new Run(start, length));
        }
        if (bytes != file.size() - headLength) {
            throw Head.damaged(
                    "file has "
                            + file.size()
                            + " bytes, need "
                            + headLength
                            + " and "
                            + bytes
                            + " of pages");
        }
        return runs;
    }

    private void requireGuest(GuestImage image, ByteBuffer devices) {
        if (image.dialect().isMarked() != dialect.isMarked()
                || dialect.isMarked() && image.dialect() != dialect) {
            throw Head.damaged(
                    "its image is of dialect '" + image.dialect() + "', not '" + dialect + "'");
        }
        long memory = facts.memory();
        long need = image.end() + Head.PAGE;
        if (memory < need || memory > dialect.maxMemory() || memory % MEMORY_UNIT != 0) {
            throw Head.damaged("memory of " + memory + " bytes, for an image up to " + image.end());
        }
        boolean hasRing = facts.resume().ring() != null;
        if (hasRing && !(dialect.mayUseRing() && NetRing.fits(memory, image.end()))) {
            throw Head.damaged("network ring, which its guest cannot have");
        }
        int told = dialect.isMarked() ? image.manifest().encodedSize() : 0;
        if (devices.remaining() != told) {
            throw Head.damaged(
                    "section of devices of " + devices.remaining() + " bytes, need " + told);
        }
    }

    private void requireHost(Cpuid cpuid, List<Msr> msrs) {
        List<String> missing = new ArrayList<>(cpuid.missingOn(host.cpuid()));
        if (!isUser && !host.runsPrivileged()) {
            missing.add("ring 0 needs read-only memory slots (KVM_CAP_READONLY_MEM)");
        }
        UUID boot = Facts.thisBoot();
        if (!facts.boot().equals(boot) && !host.ownsCounter()) {
            missing.add(
                    "it was started anew since, or is another, and without hardware virtualisation"
                            + " its guests see its own time-stamp counter");
        }
        if (!isUser && !msrs.isEmpty()) {
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
        if (isUser && !memory.isReadable(run.start(), run.length())) {
            throw Head.damaged(
                    "pages at 0x"
                            + Long.toHexString(run.start())
                            + " are among the monitor's own");
        }
    }

    private void copy(GuestMemory memory, List<Run> runs) {
        CRC32C sum = new CRC32C();
        long at = headLength;
        for (Run run : runs) {
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
        if ((int) sum.getValue() != head.pagesSum()) {
            throw Head.damaged("checksum of its pages is wrong");
        }
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
