package jukvm.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import jukvm.abi.PrivilegeLevel;
import jukvm.error.JukvmException;
import jukvm.kvm.KvmRegs;
import jukvm.kvm.KvmSregs;
import jukvm.memory.GuestMemory;
import jukvm.vm.SnapshotState;
import jukvm.x86.BootState;
import jukvm.x86.TrapEmulator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;

/**
 * Hostile files with sums that are right. Each input is edits of a good file: which ring it is of,
 * then for each edit its section, where in it, how many bytes, and these; a section 255 cuts the
 * one before it there.
 */
class SnapshotFuzzTest {
    private static final int PAGE = 4096;
    private static final int SECTIONS = 11;
    private static final int CUT = 255;

    @TempDir static Path folder;

    private static byte @Nullable [][] files;

    private static byte[] file(int which) throws IOException {
        if (files == null) {
            files =
                    new byte[][] {
                        SnapshotBytes.file(PrivilegeLevel.RING_3, folder),
                        SnapshotBytes.file(PrivilegeLevel.RING_0, folder)
                    };
        }
        return files[which & 1];
    }

    private static byte[] edited(ByteBuffer input) throws IOException {
        SnapshotBytes bytes = SnapshotBytes.of(file(input.get()));
        int last = 0;
        while (input.remaining() >= 4) {
            int section = input.get() & 0xff;
            int at = input.getShort() & 0xffff;
            byte[] data = new byte[Math.min(input.get() & 0xff, input.remaining())];
            input.get(data);
            if (section != CUT) {
                last = section % (SECTIONS + 1);
            }
            byte[] old = last == SECTIONS ? bytes.pages() : Registers.bytes(bytes.section(last));
            byte[] changed =
                    section == CUT
                            ? Arrays.copyOf(old, Math.min(at, old.length))
                            : overwritten(old, at, data);
            if (last == SECTIONS) {
                bytes.pages(changed);
            } else {
                bytes.set(last, changed);
            }
        }
        return bytes.file();
    }

    private static byte[] overwritten(byte[] bytes, int at, byte[] data) {
        byte[] changed = Arrays.copyOf(bytes, Math.max(bytes.length, at + data.length));
        System.arraycopy(data, 0, changed, at, data.length);
        return changed;
    }

    @FuzzTest(maxDuration = "2m")
    void shouldReadOrRefuse(byte @Nullable [] input) throws IOException {
        if (input == null || input.length == 0) {
            return;
        }
        Path file = folder.resolve("fuzzed");
        byte[] bytes = edited(ByteBuffer.wrap(input));
        Files.write(file, bytes);
        try {
            SnapshotBytes.read(file, new SnapshotBytes.Host(), SnapshotFuzzTest::assertSound);
        } catch (JukvmException e) {
            String message = e.getMessage();
            assertTrue(message.startsWith("some.snap: "), message);
            assertTrue(message.chars().allMatch(c -> c >= ' ' && c < 0x7f), message);
            return;
        }
        // What can be read is whole wherever it is.
        SnapshotReader.check("some.snap", new ByteArrayInputStream(bytes), bytes.length);
    }

    /** Fails unless a guest at ring 3 has nothing of the monitor's. */
    static void assertSound(SnapshotState state) {
        if (state.privilege() == PrivilegeLevel.RING_0) {
            return;
        }
        ByteBuffer sregs = Head.ordered(state.vcpu().sregs());
        ByteBuffer wanted = Head.ordered(new byte[KvmSregs.SIZE]);
        KvmSregs made = new KvmSregs(wanted);
        BootState.putSpecial(made, state.dialect(), PrivilegeLevel.RING_3);
        KvmSregs read = new KvmSregs(sregs);
        made.fs().putBase(read.fs().base());
        made.gs().putBase(read.gs().base());
        made.putCr2(read.cr2());
        assertEquals(wanted, sregs);
        long flags = new KvmRegs(Head.ordered(state.vcpu().regs())).get(KvmRegs.Reg.RFLAGS);
        assertEquals(TrapEmulator.userFlags(flags), flags);
        assertMonitorsPages(state);
    }

    private static void assertMonitorsPages(SnapshotState state) {
        try (GuestMemory begun = GuestMemory.allocate(state.memory());
                GuestMemory laidOut = GuestMemory.allocate(state.memory())) {
            assertTrue(begun.begin(state.template()));
            BootState.layOut(
                    laidOut,
                    state.image(),
                    PrivilegeLevel.RING_3,
                    state.origin().ports()::contains);
            for (long page = 0; page < 1 << 20; page += PAGE) {
                assertEquals(laidOut.isReadable(page, PAGE), begun.isReadable(page, PAGE));
                assertEquals(laidOut.isWritable(page, PAGE), begun.isWritable(page, PAGE));
                if (!laidOut.isReadable(page, PAGE)) {
                    assertEquals(laidOut.owned(page, PAGE), begun.owned(page, PAGE));
                }
            }
            for (var msr : state.vcpu().msrs()) {
                assertTrue(TrapEmulator.mayTellTime(begun, msr), msr::toString);
            }
        }
    }
}
