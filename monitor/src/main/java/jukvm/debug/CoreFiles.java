package jukvm.debug;

import java.nio.ByteBuffer;
import java.util.Optional;
import jukvm.abi.PrivilegeLevel;
import jukvm.call.TrapFrame;
import jukvm.error.ConfigException;
import jukvm.error.HostException;
import jukvm.guest.Outcome;
import jukvm.io.NewFile;
import jukvm.io.NewFiles;
import jukvm.io.Requester;
import jukvm.kvm.KvmVcpu;
import jukvm.kvm.VcpuDebug;
import jukvm.memory.GuestMemory;
import jukvm.memory.UsedPages;
import jukvm.vm.GuestVm;
import org.jspecify.annotations.Nullable;

/**
 * The folder in which cores are written, which gdb opens with the guest's image. Thread-safe, but
 * for {@link #close}.
 */
public final class CoreFiles implements AutoCloseable {
    private static final int MAX_OF_A_NAME = 1000;
    private static final int BATCH = 16 * GuestMemory.PAGE;

    private final NewFiles folder;
    private final String name;

    private CoreFiles(NewFiles folder, String name) {
        this.folder = folder;
        this.name = name;
    }

    /**
     * Opens the folder.
     *
     * @param caller with whose rights
     * @param path relative to the caller's directory
     * @param program that is named in theirs
     * @throws ConfigException if it cannot be opened, or written
     */
    public static CoreFiles in(Requester caller, String path, String program) {
        try {
            long process = caller.process();
            long named = process == 0 ? ProcessHandle.current().pid() : process;
            return new CoreFiles(NewFiles.in(caller, path), "core." + program + "." + named);
        } catch (HostException e) {
            throw new ConfigException("core dumps: cannot write to " + e.getMessage());
        }
    }

    /**
     * Writes a core of a guest that has ended, on its vCPU's thread; never over another file.
     *
     * @param what words that its user knows the run by
     * @return its path
     * @throws HostException if it cannot be written, in part or at all
     */
    public String write(GuestVm vm, PrivilegeLevel privilege, Outcome outcome, String what) {
        KvmVcpu vcpu = (KvmVcpu) vm.vcpu();
        try (NewFile file = create();
                VcpuDebug debug = vcpu.debug()) {
            debug.settle();
            GuestState state = new GuestState(vcpu, debug, vm.memory(), privilege);
            state.setTrapped(state.isInStub());
            CoreHead head = new CoreHead(vm.memory().size());
            byte[] bytes = head.of(what, signal(outcome), state, frame(outcome), debug);
            file.write(bytes, 0, bytes.length, 0);
            writeMemory(vm.memory(), file);
            file.length(CoreHead.MEMORY + vm.memory().size());
            return file.path();
        }
    }

    private NewFile create() {
        for (int i = 1; i <= MAX_OF_A_NAME; i++) {
            NewFile file = folder.create(i == 1 ? name : name + "." + i);
            if (file != null) {
                return file;
            }
        }
        throw new HostException(name, "there are " + MAX_OF_A_NAME + " of that name", 0, "");
    }

    // As the kernel's dumps have it: what a process that ended so is said to have been sent.
    private static int signal(Outcome outcome) {
        return switch (outcome.kind()) {
            case FAULTED -> 11; // SIGSEGV
            case ABORTED -> 6; // SIGABRT
            default -> 24; // SIGXCPU
        };
    }

    private static @Nullable TrapFrame frame(Outcome outcome) {
        Optional<TrapFrame> told =
                outcome instanceof Outcome.Aborted aborted ? aborted.frame() : Optional.empty();
        return told.orElse(null);
    }

    // Pages one after the other are one write. The monitor's own are none of the guest's.
    private static void writeMemory(GuestMemory memory, NewFile file) {
        byte[] batch = new byte[BATCH];
        int[] length = {0};
        long[] end = {0};
        UsedPages.each(
                memory,
                gpa -> {
                    if (!memory.isReadable(gpa, GuestMemory.PAGE)) {
                        return;
                    }
                    if (gpa != end[0] || length[0] == BATCH) {
                        flush(batch, length[0], end[0], file);
                        length[0] = 0;
                    }
                    ByteBuffer page = memory.readable(gpa, GuestMemory.PAGE);
                    page.get(batch, length[0], GuestMemory.PAGE);
                    length[0] += GuestMemory.PAGE;
                    end[0] = gpa + GuestMemory.PAGE;
                });
        flush(batch, length[0], end[0], file);
    }

    private static void flush(byte[] batch, int length, long end, NewFile file) {
        file.write(batch, 0, length, CoreHead.MEMORY + end - length);
    }

    @Override
    public void close() {
        folder.close();
    }
}
