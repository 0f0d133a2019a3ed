package jukvm.abi;

import java.nio.ByteBuffer;
import jukvm.device.Devices;
import jukvm.memory.GuestMemory;
import jukvm.text.HostText;

/**
 * What a guest is told at its start, through the pointer in RDI.
 *
 * @param memorySize of the guest, in bytes
 * @param kernelEnd guest-physical address of the page after the image
 * @param tscHz frequency of the time-stamp counter, in Hz
 * @param commandLine its arguments, joined by spaces; without zero bytes, as {@link HostText} has
 *     them no longer than {@link Dialect#maxCommandLine}
 * @param manifest the devices it declares
 * @param devices those it is attached to
 */
public record BootInfo(
        long memorySize,
        long kernelEnd,
        long tscHz,
        String commandLine,
        Manifest manifest,
        Devices devices) {
    /** Guest-physical address of the struct; the manifest follows it. */
    public static final long GPA = 0x10000;

    /** Guest-physical address of the command line. */
    public static final long COMMAND_LINE_GPA = 0x12000;

    /** Guest-physical address of the first byte after all of it. */
    public static final long END_GPA = 0x20000;

    /** The longest command line there is room for, in bytes, without its end. */
    static final int MAX_COMMAND_LINE = (int) (END_GPA - COMMAND_LINE_GPA) - 1;

    /**
     * hvt_abi.h, struct hvt_boot_info of 0.11 and later: mem_size u64 @0, kernel_end u64 @8,
     * cpu_cycle_freq u64 @16, cmdline u64 @24, mft u64 @32, host_features u32 @40, guest_features
     * u32 @44, net_ring u64 @48. Older guests read the first 40 bytes; a guest of 0.11 whose
     * monitor writes no more would take the manifest for features.
     */
    static final int HVT_SIZE = 56;

    private static final int FEATURE_RING = 1;

    /**
     * ukvm.h 0.3, struct ukvm_boot_info: mem_size, kernel_end, cmdline, tsc_freq; 0.2 has three.
     */
    static final int UKVM_SIZE = 32;

    /** Writes it in the form of hvt ABI 1 and 2. */
    void writeHvt(GuestMemory memory) {
        ByteBuffer at = memory.owned(GPA, HVT_SIZE);
        long manifestGpa = GPA + HVT_SIZE;
        at.putLong(0, memorySize).putLong(8, kernelEnd).putLong(16, tscHz);
        at.putLong(24, COMMAND_LINE_GPA).putLong(32, manifestGpa);
        devices.ring().ifPresent(ring -> at.putInt(40, FEATURE_RING).putLong(48, ring.gpa()));
        manifest.encode(memory.owned(manifestGpa, manifest.encodedSize()), devices);
        writeCommandLine(memory);
    }

    /** Writes it in the form of ukvm 0.2 to hvt 0.4. */
    void writeUkvm(GuestMemory memory) {
        ByteBuffer at = memory.owned(GPA, UKVM_SIZE);
        at.putLong(0, memorySize).putLong(8, kernelEnd);
        at.putLong(16, COMMAND_LINE_GPA).putLong(24, tscHz);
        writeCommandLine(memory);
    }

    private void writeCommandLine(GuestMemory memory) {
        byte[] bytes = HostText.encode(commandLine);
        memory.owned(COMMAND_LINE_GPA, bytes.length + 1L).put(0, bytes).put(bytes.length, (byte) 0);
    }
}
