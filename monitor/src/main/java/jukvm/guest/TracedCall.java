package jukvm.guest;

import java.util.Locale;
import java.util.Optional;
import jukvm.call.Hypercall;

/**
 * One hypercall of a guest, in words. What of it is the guest's is printable ASCII, cut to a length
 * that is fit for a line.
 *
 * @param startedAt when the guest made it, in nanoseconds since the guest was entered
 * @param kind of the call; empty if no hypercall has the port
 * @param port it was made by, 0 to 65535
 * @param arguments it passed
 * @param result it was told, empty if it was told nothing; or what its guest did wrong
 * @param nanos it took the host to answer, the guest's waiting included
 */
public record TracedCall(
        long startedAt,
        Optional<Hypercall> kind,
        int port,
        String arguments,
        String result,
        long nanos) {
    private static final double SECOND = 1e9;

    /** Returns the call's name as reports have it; of a call that there is not, its port's. */
    public String name() {
        return kind.map(call -> call.name().toLowerCase(Locale.ROOT))
                .orElseGet(() -> "port 0x" + Integer.toHexString(port));
    }

    /** Returns it as a line, as strace would. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%12.6f %s(%s)%s <%.6f>",
                startedAt / SECOND,
                name(),
                arguments,
                result.isEmpty() ? "" : " = " + result,
                nanos / SECOND);
    }
}
