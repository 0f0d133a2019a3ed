package jukvm.debug;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import jukvm.guest.Outcome;
import jukvm.image.CallFrames;
import jukvm.image.GuestImage;
import jukvm.image.Symbols;
import jukvm.memory.GuestMemory;

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
        CallFrames frames = image.symbols().frames();
        long[] registers = new long[CallFrames.COUNT];
        registers[CallFrames.RIP] = rip;
        registers[CallFrames.RSP] = rsp;
        registers[CallFrames.RBP] = rbp;
        long[] places = new long[MAX_DEPTH];
        int depth = 0;
        boolean isThere = true;
        while (isThere && depth < MAX_DEPTH) {
            places[depth] = registers[CallFrames.RIP];
            // A call may be the last of its function.
            long code = depth == 0 ? rip : places[depth] - 1;
            depth++;
            isThere =
                    (frames.know(code)
                                    ? frames.unwind(code, registers, memory)
                                    : unwind(registers, memory))
                            && image.isCode(registers[CallFrames.RIP]);
        }
        return Arrays.copyOf(places, depth);
    }

    // By the frame pointer, where code keeps one.
    private static boolean unwind(long[] registers, GuestMemory memory) {
        long frame = registers[CallFrames.RBP];
        if (Long.compareUnsigned(frame, registers[CallFrames.RSP]) < 0
                || frame % Long.BYTES != 0
                || !memory.isReadable(frame, 2 * Long.BYTES)) {
            return false;
        }
        registers[CallFrames.RBP] = memory.u64(frame);
        registers[CallFrames.RSP] = frame + 2 * Long.BYTES;
        registers[CallFrames.RIP] = memory.u64(frame + Long.BYTES);
        return true;
    }
}
