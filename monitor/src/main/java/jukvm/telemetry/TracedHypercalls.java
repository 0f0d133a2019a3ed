package jukvm.telemetry;

import java.util.Optional;
import java.util.function.Consumer;
import jukvm.error.GuestException;
import jukvm.guest.TracedCall;
import jukvm.hypercall.GuestHypercalls;
import jukvm.hypercall.HypercallHandler;
import jukvm.hypercall.Hypercalls;
import jukvm.memory.GuestMemory;
import jukvm.text.Printable;
import org.jspecify.annotations.Nullable;

/**
 * Hypercalls that are told one by one, in words, once each is answered. Only guests that are traced
 * have these; nothing of a trace is left for others to pay for.
 */
public final class TracedHypercalls implements Hypercalls {
    private static final int MAX_FAULT = 160;

    private final GuestHypercalls kinds;
    private final Hypercalls calls;
    private final Consumer<TracedCall> sink;
    private final long enteredAt = System.nanoTime();

    private interface Wording {
        String of(HypercallHandler handler);
    }

    /**
     * Tells of calls from now on.
     *
     * @param kinds what there is to know of the guest's calls
     * @param calls as they are answered; none is told of that they are not asked for
     */
    public TracedHypercalls(GuestHypercalls kinds, Hypercalls calls, Consumer<TracedCall> sink) {
        this.kinds = kinds;
        this.calls = calls;
        this.sink = sink;
    }

    @Override
    public boolean call(int port, GuestMemory memory, long gpa) {
        HypercallHandler handler = kinds.handler(port);
        String pointer = "0x" + Long.toHexString(gpa);
        String arguments = words(handler, pointer, by -> by.arguments(memory, gpa));
        String result = "?"; // What a device of an embedder's throws is not the guest's affair.
        long begun = System.nanoTime();
        try {
            boolean goesOn = calls.call(port, memory, gpa);
            result = words(handler, "?", by -> by.result(memory, gpa));
            return goesOn;
        } catch (GuestException e) {
            result = "fault: " + Printable.of(String.valueOf(e.getMessage()), MAX_FAULT);
            throw e;
        } finally {
            long nanos = System.nanoTime() - begun;
            sink.accept(
                    new TracedCall(
                            begun - enteredAt,
                            Optional.ofNullable(kinds.kind(port)),
                            port,
                            arguments,
                            result,
                            nanos));
        }
    }

    // A struct that the guest may not pass is shown by its address.
    private static String words(
            @Nullable HypercallHandler handler, String otherwise, Wording wording) {
        if (handler == null) {
            return otherwise;
        }
        try {
            return wording.of(handler);
        } catch (GuestException e) {
            return otherwise;
        }
    }
}
