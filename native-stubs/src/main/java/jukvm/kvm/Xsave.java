package jukvm.kvm;

import java.nio.ByteBuffer;

/**
 * The state of x87 and vector registers as KVM passes it, a struct kvm_xsave. Source: SDM volume 1,
 * section 13.4 (layout) and 13.6 (initial configuration).
 *
 * <pre>
 * FCW u16 @0   FSW @2   FTW u8 @4   …   MXCSR u32 @24   MXCSR_MASK u32 @28   ST0 to ST7 @32
 * XMM0 to XMM15 @160 to before 416   XSTATE_BV u64 @512
 * </pre>
 */
final class Xsave {
    /** Of the upper halves of the sixteen AVX registers, in bytes. */
    static final int AVX_SIZE = 256;

    private static final int MXCSR = 24;
    private static final int ST0 = 32;
    private static final int XMM0 = 160;
    private static final int XMM_END = 416;
    private static final int XSTATE_BV = 512;
    private static final long X87 = 1;
    private static final long SSE = 2;
    private static final long AVX = 4;
    private static final short INITIAL_FCW = 0x37f;
    private static final int INITIAL_MXCSR = 0x1f80;

    private Xsave() {}

    /**
     * Writes out what is only said to be initial. A kernel that keeps the area in the processor's
     * standard format leaves MXCSR what it was where neither x87 nor SSE are said to be there.
     */
    static void spellOut(ByteBuffer area) {
        long present = area.getLong(XSTATE_BV);
        if ((present & X87) == 0) {
            zero(area, 0, MXCSR);
            area.putShort(0, INITIAL_FCW);
            zero(area, ST0, XMM0);
        }
        if ((present & SSE) == 0) {
            area.putInt(MXCSR, INITIAL_MXCSR);
            zero(area, XMM0, XMM_END);
        }
        area.putLong(XSTATE_BV, present | X87 | SSE);
    }

    /**
     * Writes out the upper halves of the AVX registers, too.
     *
     * @param place of them in the area
     */
    static void spellOutAvx(ByteBuffer area, int place) {
        long present = area.getLong(XSTATE_BV);
        if ((present & AVX) == 0) {
            zero(area, place, place + AVX_SIZE);
            area.putLong(XSTATE_BV, present | AVX);
        }
    }

    private static void zero(ByteBuffer area, int from, int to) {
        for (int at = from; at < to; at += Long.BYTES) {
            area.putLong(at, 0);
        }
    }
}
