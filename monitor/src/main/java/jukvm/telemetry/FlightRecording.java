package jukvm.telemetry;

import jdk.jfr.FlightRecorder;
import jukvm.hypercall.GuestHypercalls;
import jukvm.hypercall.Hypercalls;
import org.jspecify.annotations.Nullable;

/**
 * What the JVM's flight recorder is told of one guest; nothing, until somebody uses the recorder.
 * The classes of events, and half of the recorder with them, are loaded only then: they cost a
 * fresh JVM more than a guest does. Belongs to the vCPU's thread.
 */
public final class FlightRecording {
    // A runtime image, or a module graph, may be without the recorder.
    private static final boolean HAS_RECORDER =
            ModuleLayer.boot().findModule("jdk.jfr").isPresent();

    private @Nullable GuestEvents events;

    /** Returns whether somebody uses the JVM's flight recorder. */
    public static boolean isRecorderInUse() {
        return HAS_RECORDER && FlightRecorder.isInitialized();
    }

    /** Notes that the guest's thread begins with it. */
    public void begun() {
        if (isRecorderInUse()) {
            events = new GuestEvents();
            events.begun();
        }
    }

    /** Returns the hypercalls that record themselves, if that is asked for; else the same. */
    public Hypercalls recorded(String guest, GuestHypercalls kinds, Hypercalls calls) {
        return events == null ? calls : GuestEvents.recorded(guest, kinds, calls);
    }

    /** Notes that the first KVM_RUN comes next. */
    public void entered() {
        if (events != null) {
            events.entered();
        }
    }

    /** Notes that the guest has left for the last time. */
    public void left() {
        if (events != null) {
            events.left();
        }
    }

    /** Records the end, also of a guest that began before the recorder was in use. */
    public void ended(EndedRun ended) {
        if (isRecorderInUse()) {
            GuestEvents known = events == null ? new GuestEvents() : events;
            known.ended(ended);
        }
    }
}
