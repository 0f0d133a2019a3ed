package jukvm.debug;

import java.nio.ByteBuffer;
import java.util.function.BooleanSupplier;
import jukvm.abi.PrivilegeLevel;
import jukvm.call.TrapFrame;
import jukvm.error.ConfigException;
import jukvm.io.SparseOutput;
import jukvm.kvm.KvmVcpu;
import jukvm.kvm.VcpuDebug;
import jukvm.memory.GuestMemory;
import jukvm.memory.UsedPages;
import jukvm.vm.GuestVm;
import org.jspecify.annotations.Nullable;

/** A core of a guest: what its vCPU is, then its memory. */
public final class CoreImage {
    /** How long the longest is, in bytes. */
    public static final long LONGEST = CoreHead.MEMORY + GuestMemory.MAX_SIZE;

    private static final int BATCH = 16 * GuestMemory.PAGE;

    private CoreImage() {}

    /**
     * Returns what comes before memory, on the vCPU's thread.
     *
     * @param what words that its user knows the run by
     * @param signal that stands for its end
     * @param frame of the exception it gave up on, null if none
     */
    public static byte[] head(
            GuestVm vm,
            PrivilegeLevel privilege,
            String what,
            int signal,
            @Nullable TrapFrame frame) {
        KvmVcpu vcpu = (KvmVcpu) vm.vcpu();
        try (VcpuDebug debug = vcpu.debug()) {
            debug.settle();
            GuestState state = new GuestState(vcpu, debug, vm.memory(), privilege);
            state.setTrapped(state.isInStub());
            return new CoreHead(vm.memory().size()).of(what, signal, state, frame, debug);
        }
    }

    /**
     * Writes one, while the guest stands still.
     *
     * @param memory of the guest, which the calling thread alone uses
     * @param isOver looks whether what is not written yet is wanted no more
     * @throws ConfigException if it is not
     * @throws jukvm.error.HostException if it cannot be written
     */
    public static void write(
            byte[] head, GuestMemory memory, SparseOutput to, BooleanSupplier isOver) {
        to.write(head, 0, head.length, 0);
        new Pages(memory, to, isOver).write();
        to.length(CoreHead.MEMORY + memory.size());
    }

    /** Pages one after the other are one write. The monitor's own are none of the guest's. */
    private static final class Pages {
        private final GuestMemory memory;
        private final SparseOutput to;
        private final BooleanSupplier isOver;
        private final byte[] batch = new byte[BATCH];
        private int length;
        private long end;

        Pages(GuestMemory memory, SparseOutput to, BooleanSupplier isOver) {
            this.memory = memory;
            this.to = to;
            this.isOver = isOver;
        }

        void write() {
            UsedPages.each(memory, this::add);
            flush();
        }

        private void add(long gpa) {
            if (!memory.isReadable(gpa, GuestMemory.PAGE)) {
                return;
            }
            if (gpa != end || length == BATCH) {
                flush();
            }
            ByteBuffer page = memory.readable(gpa, GuestMemory.PAGE);
            page.get(batch, length, GuestMemory.PAGE);
            length += GuestMemory.PAGE;
            end = gpa + GuestMemory.PAGE;
        }

        private void flush() {
            if (isOver.getAsBoolean()) {
                throw new ConfigException("core: the guest is to end");
            }
            to.write(batch, 0, length, CoreHead.MEMORY + end - length);
            length = 0;
        }
    }
}
