package jukvm.call;

/**
 * The trap a guest gave up on, as it tells it; hostile. Source: the cookie of HALT on x86-64, seven
 * u64.
 *
 * @param cr2 linear address of the last page fault
 * @param error error code of the exception
 * @param rip address of the instruction
 * @param cs code segment selector
 * @param rflags flags
 * @param rsp stack pointer
 * @param ss stack segment selector
 */
public record TrapFrame(long cr2, long error, long rip, long cs, long rflags, long rsp, long ss) {
    /** Returns what tells most of it, in hexadecimal. */
    @Override
    public String toString() {
        return String.format(
                "rip=0x%x error=0x%x cr2=0x%x rsp=0x%x rflags=0x%x", rip, error, cr2, rsp, rflags);
    }
}
