package jukvm.replay;

import java.util.Locale;
import java.util.Objects;
import jukvm.call.Hypercall;
import jukvm.error.ConfigException;
import jukvm.error.GuestException;
import jukvm.guest.Outcome;
import jukvm.hypercall.GuestHypercalls;
import jukvm.kvm.KvmVcpu;
import jukvm.memory.GuestMemory;
import jukvm.text.Printable;
import jukvm.x86.CpuidTable;
import jukvm.x86.ParavirtualClock;
import jukvm.x86.RewrittenCode;
import org.jspecify.annotations.Nullable;

/**
 * Answers a guest from a recording, and compares all that it asks for with what was asked then. The
 * first difference ends the run by a {@link ConfigException} that shows both sides. Only what is
 * printed, and the end, is done by handlers, once; no device is used.
 */
public final class RunReplayer extends RunControl {
    private static final String CLOCK = "a write of a clock's register";

    private final RecordingReader recording;
    private final RecordingReader.Cursor cursor;
    private final RecordedEvent event = new RecordedEvent();
    private @Nullable ControlledGuest controlled;
    private long time;
    private long furthest; // The last call ever answered: what is done again is not told again.
    private boolean isThere; // Whether there was an event to read last.
    private boolean isDebugged;

    /**
     * How far a replay is.
     *
     * @param events that were answered
     * @param time the last that the counter was
     */
    public record Moment(long events, long time) {}

    private RunReplayer(RecordingReader recording, RewrittenCode code) {
        super(code);
        this.recording = recording;
        this.cursor = recording.cursor();
    }

    /** Returns what replays a recording, any number of times, one at a time. */
    public static Source of(RecordingReader recording) {
        return code -> new RunReplayer(recording, code);
    }

    @Override
    public long tscHz(long hosts) {
        return recording.header().tscHz();
    }

    @Override
    CpuidTable begun(ControlledGuest guest, KvmVcpu vcpu) {
        controlled = guest;
        stopAtEnd();
        return recording.header().cpuid();
    }

    private ControlledGuest guest() {
        return Objects.requireNonNull(controlled);
    }

    private GuestMemory memory() {
        return guest().vm().memory();
    }

    // A guest that was stopped does not stop by itself, and one whose recorder was killed may not.
    private void stopAtEnd() {
        if (isOver() && !isDebugged) {
            RecordedEnd end = recording.end();
            String why = end.isKnown() ? end.message() : "it was not finished";
            guest().operator()
                    .accept(
                            "the recording ends here, after "
                                    + recording.events()
                                    + " events: "
                                    + Printable.of(why, 200));
            guest().stop().accept(new Outcome.Cancelled());
        }
    }

    /** Returns how far it is. */
    public Moment moment() {
        return new Moment(cursor.position(), time);
    }

    /** Goes to another moment, at which the guest is, too. */
    public void goTo(Moment moment) {
        cursor.seek(moment.events());
        time = moment.time();
    }

    /** Returns whether nothing is known of what the guest did next, since it was stopped. */
    public boolean isOver() {
        return cursor.position() == recording.events() && !recording.end().isOwn();
    }

    /** Has it not stop the guest where {@link #isOver}, for as long as a debugger has the guest. */
    public void debug(boolean debugs) {
        isDebugged = debugs;
        if (!debugs && controlled != null) {
            stopAtEnd();
        }
    }

    @Override
    public boolean call(int port, GuestMemory in, long gpa) {
        if (!isNext(RecordingFormat.CALL) || event.port() != port || event.gpa() != gpa) {
            throw differs(named(port, gpa), recorded());
        }
        if (!event.isPassedBy(in)) {
            throw differs(
                    named(port, gpa) + " passing " + event.shown(in),
                    recorded() + " passing " + event.shown());
        }
        boolean goesOn = answer(guest().calls(), port, in, gpa);
        stopAtEnd();
        return goesOn;
    }

    private boolean answer(GuestHypercalls calls, int port, GuestMemory in, long gpa) {
        Hypercall kind = calls.kind(port);
        boolean isAgain = cursor.position() <= furthest;
        furthest = Math.max(furthest, cursor.position());
        boolean isDone = kind == Hypercall.PUTS || kind == Hypercall.HALT;
        if (isDone && !isAgain && !event.isFault()) {
            if (calls.call(port, in, gpa) != event.goesOn()) {
                throw differs(name(port) + " that succeeds", "another end of it");
            }
            return event.goesOn();
        }
        if (!isAgain) {
            calls.answered(port);
        }
        tell(in);
        if (event.isFault()) {
            throw new GuestException(event.fault());
        }
        return event.goesOn() || kind != Hypercall.HALT;
    }

    private void tell(GuestMemory in) {
        try {
            event.tell(in);
        } catch (GuestException e) {
            throw RecordingFormat.refused(
                    recording.name(), "recording is damaged in " + place() + ": " + e.getMessage());
        }
    }

    private String name(int port) {
        Hypercall kind = guest().calls().kind(port);
        return kind == null
                ? "port 0x" + Integer.toHexString(port)
                : kind.name().toLowerCase(Locale.ROOT);
    }

    private String named(int port, long gpa) {
        return name(port) + " at 0x" + Long.toHexString(gpa);
    }

    private String place() {
        return "event " + (isThere ? cursor.position() - 1 : cursor.position());
    }

    // Reads the next event; false if it is of another kind, or there is none.
    private boolean isNext(int kind) {
        isThere = cursor.next(event);
        return isThere && event.is(kind);
    }

    private void next(int kind, String asked) {
        if (!isNext(kind)) {
            throw differs(asked, recorded());
        }
    }

    private String recorded() {
        if (!isThere) {
            return "nothing more";
        }
        if (event.is(RecordingFormat.CALL)) {
            return named(event.port(), event.gpa());
        }
        if (event.isEnd()) {
            return "the end: " + Printable.of(event.end().message(), 200);
        }
        return event.is(RecordingFormat.TIME)
                ? "rdtsc"
                : event.is(RecordingFormat.RANDOM) ? "rdrand" : CLOCK;
    }

    private ConfigException differs(String replayed, String recorded) {
        return RecordingFormat.refused(
                recording.name(),
                "replay differs at "
                        + place()
                        + ": recorded "
                        + recorded
                        + "; replayed "
                        + replayed);
    }

    @Override
    public long timeStamp() {
        next(RecordingFormat.TIME, "rdtsc");
        time += event.value();
        stopAtEnd();
        return time;
    }

    @Override
    public long random() {
        next(RecordingFormat.RANDOM, "rdrand");
        long value = event.value();
        stopAtEnd();
        return value;
    }

    @Override
    public boolean keepClock(int msr, long value) {
        next(RecordingFormat.CLOCK, CLOCK);
        if (event.register() != msr || event.value() != value) {
            throw differs(CLOCK, "another register or value");
        }
        byte[] bytes = event.clock();
        long gpa = ParavirtualClock.isSystemTime(msr) ? value & ~1L : value;
        memory().writable(gpa, bytes.length).put(bytes);
        stopAtEnd();
        return true;
    }

    @Override
    public void ended(Outcome outcome) {
        RecordedEnd end = recording.end();
        if (!end.isOwn() || !RunRecorder.isOwnEnd(outcome.kind())) {
            return;
        }
        next(RecordingFormat.END, "the end: " + outcome.message());
        if (!end.is(outcome)) {
            throw differs("the end: " + outcome.message(), recorded());
        }
        String digest = end.digest().isEmpty() ? "" : MemoryDigest.of(memory());
        if (!digest.equals(end.digest())) {
            throw differs("memory of digest " + digest, Printable.of(end.digest()));
        }
    }
}
