package jukvm.snapshot;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import jukvm.abi.Dialect;
import jukvm.abi.PrivilegeLevel;
import jukvm.device.NetRing;
import jukvm.image.GuestImage;
import jukvm.kvm.Cpuid;
import jukvm.kvm.KvmRegs;
import jukvm.kvm.Msr;
import jukvm.kvm.VcpuSnapshot;
import jukvm.memory.GuestMemory;
import jukvm.memory.MemoryTemplate.Run;
import jukvm.text.Printable;
import jukvm.vm.SnapshotOrigin;
import jukvm.x86.BootState;

/**
 * What a snapshot's file says before its pages, which is hostile: taken apart, and refused where no
 * guest at its ring could have made it. What takes memory or a host to find out is not looked at.
 */
final class SnapshotContents {
    private static final int MAX_NAME = 64;
    private static final int MAX_PORTS = 64;
    private static final int MAX_CPUID = 1 << 16;
    private static final int MAX_MSRS = 1 << 16;
    private static final long MAX_RUNS = GuestMemory.MAX_SIZE / Head.PAGE * 2 * Long.BYTES;
    private static final long MEMORY_UNIT = 2L << 20;

    final long length; // Of the head, in bytes: the pages follow.
    final int pagesSum;
    final Facts facts;
    final Dialect dialect;
    final PrivilegeLevel privilege;
    final ByteBuffer devices;
    final List<Integer> ports;
    final Cpuid cpuid;
    final byte[] regs;
    final byte[] sregs;
    final byte[] rest;
    final List<Msr> msrs;
    final GuestImage image;
    final List<Run> runs;

    /**
     * Takes a head apart.
     *
     * @param name for messages
     * @param bytes as many as {@link Head#length} says
     * @param fileSize of its file, in bytes
     * @throws jukvm.error.ImageException if it is damaged, or no guest's
     */
    SnapshotContents(String name, byte[] bytes, long fileSize) {
        Head.Reader head = new Head.Reader(bytes);
        this.length = bytes.length;
        this.pagesSum = head.pagesSum();
        this.facts = Facts.decode(head.next("section of numbers", Facts.SIZE));
        this.privilege = facts.privilege();
        this.dialect = dialect(text(head.next("dialect", 1, MAX_NAME, 1)));
        this.devices = head.next("section of devices", 0, 1 << 16, 1);
        this.ports = ports(head.next("section of ports", 0, MAX_PORTS * 2L, 2));
        this.cpuid = cpuid(head.next("section of CPUID", 0, MAX_CPUID, 1));
        this.regs = Registers.general(head.next("general registers", KvmRegs.SIZE), privilege);
        this.sregs =
                Registers.special(
                        head.next("special registers", Registers.specialSize(privilege)),
                        dialect,
                        privilege);
        this.rest =
                Registers.bytes(head.next("vector registers", VcpuSnapshot.stateSize(!isUser())));
        this.msrs = msrs(head.next("model-specific registers", 0, MAX_MSRS, 16));
        this.image = image(name, head.next("image", 1, GuestImage.MAX_BYTES, 1));
        requireGuest();
        this.runs = runs(head.next("table of pages", 0, MAX_RUNS, 16), fileSize);
        head.end();
    }

    /** Returns what its guest is. */
    SnapshotOrigin origin() {
        return new SnapshotOrigin(image, dialect, privilege, facts.memory(), devices, ports);
    }

    /** Returns whether its guest is at ring 3. */
    boolean isUser() {
        return privilege == PrivilegeLevel.RING_3;
    }

    private static String text(ByteBuffer section) {
        return StandardCharsets.US_ASCII.decode(section).toString();
    }

    private static Dialect dialect(String word) {
        return Dialect.named(word)
                .orElseThrow(
                        () -> Head.damaged("dialect '" + Printable.of(word) + "' is not known"));
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

    private static GuestImage image(String name, ByteBuffer section) {
        byte[] bytes = Registers.bytes(section);
        if (bytes.length > 1 && bytes[0] == 0x1f) {
            throw Head.damaged("its image is compressed");
        }
        return GuestImage.of(name, bytes);
    }

    // Ascending, so that none overlaps another, and as many bytes as the file has.
    private List<Run> runs(ByteBuffer section, long fileSize) {
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
        if (bytes != fileSize - length) {
            throw Head.damaged(
                    "file has "
                            + fileSize
                            + " bytes, need "
                            + length
                            + " and "
                            + bytes
                            + " of pages");
        }
        return runs;
    }

    private void requireGuest() {
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
}
