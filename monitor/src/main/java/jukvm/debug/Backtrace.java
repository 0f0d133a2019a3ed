package jukvm.debug;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import jukvm.guest.Outcome;
import jukvm.image.GuestImage;
import jukvm.image.Symbols;
import jukvm.image.Symbols.Frame;
import jukvm.memory.GuestMemory;
import org.jspecify.annotations.Nullable;

/**
 * Where a guest was, and who called whom to get there, by what its image tells of frames, or else
 * by the frame pointers that it keeps if it was compiled so. All of it is the guest's word: what
 * cannot be a frame ends the walk.
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
        Symbols symbols = image.symbols();
        long[] places = new long[MAX_DEPTH];
        int depth = 0;
        Frame frame = new Frame(rip, rsp, rbp);
        while (frame != null && depth < MAX_DEPTH) {
            places[depth] = frame.rip();
            // A call may be the last of its function.
            long code = depth == 0 ? rip : frame.rip() - 1;
            depth++;
            Frame caller =
                    symbols.knowCaller(code)
                            ? symbols.caller(frame, code, memory)
                            : caller(frame, memory);
            frame = caller != null && image.isCode(caller.rip()) ? caller : null;
        }
        return Arrays.copyOf(places, depth);
    }

    // By the frame pointer, where code keeps one.
    private static @Nullable Frame caller(Frame frame, GuestMemory memory) {
        long at = frame.rbp();
        if (Long.compareUnsigned(at, frame.rsp()) < 0
                || at % Long.BYTES != 0
                || !memory.isReadable(at, 2 * Long.BYTES)) {
            return null;
        }
        return new Frame(memory.u64(at + Long.BYTES), at + 2 * Long.BYTES, memory.u64(at));
    }
}
