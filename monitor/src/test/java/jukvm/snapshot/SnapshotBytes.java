package jukvm.snapshot;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import jukvm.abi.PrivilegeLevel;
import jukvm.image.ElfBuilder;
import jukvm.image.GuestImage;
import jukvm.io.HostFile;
import jukvm.io.Requester;
import jukvm.kvm.Cpuid;
import jukvm.kvm.KvmRegs;
import jukvm.kvm.KvmSregs;
import jukvm.kvm.Msr;
import jukvm.kvm.VcpuSnapshot;
import jukvm.memory.MemoryTemplate;
import jukvm.vm.ResumePoint;
import jukvm.vm.SnapshotHost;
import jukvm.vm.SnapshotOrigin;
import jukvm.vm.SnapshotState;
import jukvm.x86.BootState;
import jukvm.x86.EmulatorState;

/** Snapshots of guests that never ran, and files of them with any section exchanged. */
final class SnapshotBytes {
    static final long MEMORY = 16L << 20;
    static final long FIRST_PAGE = 2L << 20;
    static final long LAST_PAGE = MEMORY - 4096;
    static final long RIP = 0x100004;
    static final long FS_BASE = 0x201000;

    static final int NUMBERS = 0;
    static final int DIALECT = 1;
    static final int DEVICES = 2;
    static final int PORTS = 3;
    static final int CPUID = 4;
    static final int REGS = 5;
    static final int SPECIAL = 6;
    static final int STATE = 7;
    static final int MSRS = 8;
    static final int IMAGE = 9;
    static final int RUNS = 10;
    private static final int SECTIONS = 11;

    private final List<byte[]> sections = new ArrayList<>();
    private byte[] pages;

    private SnapshotBytes(byte[] file) {
        ByteBuffer at = Head.ordered(file);
        int head = (int) at.getLong(16);
        at.position(Head.BEGINNING);
        for (int i = 0; i < SECTIONS; i++) {
            byte[] section = new byte[at.getInt()];
            at.get(section);
            at.position(at.position() + Math.floorMod(-at.position(), 8));
            sections.add(section);
        }
        pages = Arrays.copyOfRange(file, head, file.length);
    }

    /** Returns the parts of a file. */
    static SnapshotBytes of(byte[] file) {
        return new SnapshotBytes(file);
    }

    /** Returns a section, to be changed. */
    ByteBuffer section(int number) {
        return Head.ordered(sections.get(number));
    }

    SnapshotBytes set(int number, byte[] section) {
        sections.set(number, section);
        return this;
    }

    SnapshotBytes pages(byte[] bytes) {
        pages = bytes;
        return this;
    }

    byte[] pages() {
        return pages;
    }

    /** Returns a file of the sections, with sums that are right. */
    byte[] file() {
        Head.Writer head = new Head.Writer();
        sections.forEach(head::add);
        head.end();
        CRC32C sum = new CRC32C();
        sum.update(pages);
        byte[] bytes = head.seal((int) sum.getValue());
        byte[] file = Arrays.copyOf(bytes, bytes.length + pages.length);
        System.arraycopy(pages, 0, file, bytes.length, pages.length);
        return file;
    }

    /** Returns a table of CPUID with one leaf after another of each word. */
    static Cpuid cpuid(int features) {
        int[] words = {
            0, 0, 0x20, 0x756e6547, 0x6c65746e, 0x49656e69, 1, 0, 0x806ec, 0x100800, features, 0xff
        };
        ByteBuffer bytes = Head.ordered(new byte[words.length * Integer.BYTES]);
        bytes.asIntBuffer().put(words);
        return Cpuid.decode(bytes);
    }

    /** A host like that of the snapshots. */
    static class Host implements SnapshotHost {
        @Override
        public Cpuid cpuid() {
            return SnapshotBytes.cpuid(0xf);
        }

        @Override
        public boolean runsPrivileged() {
            return true;
        }

        @Override
        public boolean ownsCounter() {
            return true;
        }

        @Override
        public Set<Integer> settableMsrs() {
            return Set.of(0x174);
        }
    }

    /** Returns a snapshot with two pages of its own. */
    static SnapshotState snapshot(PrivilegeLevel privilege) {
        boolean isPrivileged = privilege == PrivilegeLevel.RING_0;
        GuestImage image = ElfBuilder.hvt().parse();
        MemoryTemplate template =
                MemoryTemplate.filled(
                        MEMORY,
                        memory -> {
                            BootState.layOut(memory, image, privilege, port -> port == 0x502);
                            memory.owned(FIRST_PAGE, 8).putLong(0, 41);
                            memory.owned(LAST_PAGE, 4096).putLong(4088, 42);
                        },
                        null);
        byte[] regs = new byte[KvmRegs.SIZE];
        new KvmRegs(Head.ordered(regs))
                .put(KvmRegs.Reg.RIP, RIP)
                .put(KvmRegs.Reg.RFLAGS, 0x46)
                .put(KvmRegs.Reg.RBX, -5);
        byte[] sregs = new byte[KvmSregs.SIZE];
        KvmSregs special = new KvmSregs(Head.ordered(sregs));
        BootState.putSpecial(special, image.dialect(), privilege);
        special.fs().putBase(FS_BASE);
        special.putCr2(0x77);
        byte[] state = new byte[VcpuSnapshot.stateSize(isPrivileged)];
        state[160] = 0x5a;
        Msr msr = isPrivileged ? new Msr(0x174, 0x10) : new Msr(0x12, FIRST_PAGE + 64 | 1);
        EmulatorState emulator =
                isPrivileged ? null : new EmulatorState(0x2000, 0x1200, 47, 0x1300, 511, 0x1400);
        return new SnapshotState(
                new SnapshotOrigin(
                        image,
                        image.dialect(),
                        privilege,
                        MEMORY,
                        ByteBuffer.allocate(image.manifest().encodedSize()),
                        List.of(0x502)),
                new SnapshotState.Host(cpuid(0x7), 2_500_000_000L),
                template,
                VcpuSnapshot.of(isPrivileged, regs, sregs, state, List.of(msr), 1234567),
                new ResumePoint(emulator, 0x502, 0x104000, null));
    }

    /** Returns the file of such a snapshot. */
    static byte[] file(PrivilegeLevel privilege, Path folder) throws IOException {
        Path file = folder.resolve("written");
        try (SnapshotState state = snapshot(privilege)) {
            SnapshotWriter.write(state, Requester.self(), file.toString(), true);
        }
        return Files.readAllBytes(file);
    }

    /** Reads a file and gives what is in it to somebody. */
    static void read(Path file, SnapshotHost host, Consumer<SnapshotState> reader) {
        try (HostFile opened = HostFile.open(file.toString());
                SnapshotState state = SnapshotReader.read("some.snap", opened, host, false)) {
            reader.accept(state);
        }
    }
}
