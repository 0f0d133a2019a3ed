package jukvm.x86;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What KVM writes for a guest that asks for its clock. Source: linux/Documentation/virt/kvm/x86/
 * msr.rst; asm/pvclock-abi.h.
 *
 * <pre>
 * system time  version u32 @0, tsc_timestamp u64 @8, system_time u64 @16,
 *              tsc_to_system_mul u32 @24, tsc_shift i8 @28, flags u8 @29
 * wall clock   version u32 @0, sec u32 @4, nsec u32 @8
 * </pre>
 */
public final class ParavirtualClock {
    static final int WALL_CLOCK_SIZE = 12;
    static final int SYSTEM_TIME_SIZE = 32;

    private static final long NANOS = 1_000_000_000;
    private static final int VERSION = 2; // Odd ones are being written.
    private static final byte STABLE = 1;

    private ParavirtualClock() {}

    /** Returns whether a register has KVM write the time since the start, instead of its date. */
    public static boolean isSystemTime(int msr) {
        return msr == TrapEmulator.MSR_KVM_SYSTEM_TIME
                || msr == TrapEmulator.MSR_KVM_SYSTEM_TIME_NEW;
    }

    /**
     * Returns the time since the start, for a counter that never changes its frequency.
     *
     * @param ticks of the counter at the moment
     * @param nanos since the start at the moment
     * @param hz frequency of the counter
     */
    public static byte[] systemTime(long ticks, long nanos, long hz) {
        int shift = 0;
        long perSecond = hz;
        for (; perSecond > 2 * NANOS; shift--) {
            perSecond >>= 1;
        }
        for (; perSecond <= NANOS; shift++) {
            perSecond <<= 1;
        }
        ByteBuffer page = ByteBuffer.allocate(SYSTEM_TIME_SIZE).order(ByteOrder.LITTLE_ENDIAN);
        page.putInt(0, VERSION).putLong(8, ticks).putLong(16, nanos);
        page.putInt(24, (int) ((NANOS << 32) / perSecond));
        return page.put(28, (byte) shift).put(29, STABLE).array();
    }

    /**
     * Returns the date of the start.
     *
     * @param nanos of it, since 1970
     */
    public static byte[] wallClock(long nanos) {
        ByteBuffer page = ByteBuffer.allocate(WALL_CLOCK_SIZE).order(ByteOrder.LITTLE_ENDIAN);
        page.putInt(0, VERSION).putInt(4, (int) (nanos / NANOS));
        return page.putInt(8, (int) (nanos % NANOS)).array();
    }
}
