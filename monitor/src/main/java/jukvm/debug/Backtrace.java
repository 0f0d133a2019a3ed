package jukvm.debug;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import jukvm.guest.Outcome;
import jukvm.image.GuestImage;
import jukvm.image.Symbols;
import jukvm.memory.GuestMemory;

/**
 * Where a guest was, and who called whom to get there, by the frame pointers that it keeps if it
 * was compiled so. All of it is the guest's word: what cannot be a frame ends the walk.
 *
 * <pre>
 * frame  the caller's frame pointer u64 @0, where it goes on u64 @8
 * </pre>
 */
public final class Backtrace {
    /** How many places are told at most. */
    static final int MAX_DEPTH = 64;

    private Backtrace() {}

    /** Returns an outcome that tells it, if the guest faulted; else the same outcome. */
    public static Outcome of(Outcome outcome, GuestImage image, GuestMemory memory) {
        if (!(outcome instanceof Outcome.Faulted fault)) {
            return outcome;
        }
        Map<String, Long> registers = fault.registers().values();
        if (registers.isEmpty()) {
            return outcome;
        }
        Symbols symbols = image.symbols();
        List<String> lines = new ArrayList<>();
        long[] places =
                walk(
                        image,
                        memory,
                        fault.registers().rip(),
                        registers.getOrDefault("rsp", 0L),
                        registers.getOrDefault("rbp", 0L));
        for (long place : places) {
            String name = lines.isEmpty() ? symbols.name(place) : symbols.nameOfReturn(place);
            String hex = "0x" + Long.toHexString(place);
            lines.add(name.startsWith("0x") ? hex : hex + " " + name);
        }
        return fault.withBacktrace(lines);
    }

    /**
     * Returns addresses of code, innermost first: where the guest is, then where it returns to.
     *
     * @param rsp stack pointer, below all frames
     * @param rbp frame pointer, or anything
     */
    static long[] walk(GuestImage image, GuestMemory memory, long rip, long rsp, long rbp) {
        long[] places = new long[MAX_DEPTH];
        places[0] = rip;
        int depth = 1;
        long frame = rbp;
        long below = rsp;
        while (depth < MAX_DEPTH
                && Long.compareUnsigned(frame, below) >= 0
                && frame % Long.BYTES == 0
                && memory.isReadable(frame, 2 * Long.BYTES)) {
            long caller = memory.u64(frame + Long.BYTES);
            if (!image.isCode(caller)) {
                break;
            }
            places[depth++] = caller;
            below = frame + 2 * Long.BYTES;
            frame = memory.u64(frame);
        }
        return Arrays.copyOf(places, depth);
    }
}
