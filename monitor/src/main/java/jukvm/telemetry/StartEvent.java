package jukvm.telemetry;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import jukvm.guest.Timeline;

/**
 * The start of one guest: its duration is from when its vCPU's thread began with it to the first
 * KVM_RUN. It is committed at the guest's end, when every phase is known.
 */
@Name("jukvm.Start")
@Label("Guest Start")
@Category("jukvm")
@Description("From when a guest's thread began with it to the first KVM_RUN; with all its phases")
@StackTrace(false)
final class StartEvent extends Event {
    /** What tools show as not available, in a field of the type Timespan. */
    private static final long NOT_REACHED = Long.MIN_VALUE;

    @Label("Guest")
    String guest = "";

    @Label("Privilege Level")
    int ring;

    @Label("Started On")
    @Description("cold or cold-snapshot: a VM made for it; pooled or snapshot: a kept one")
    String startedOn = "";

    @Label("Memory")
    @DataAmount
    long memory;

    @Label("Image Read")
    @Description("From the request; 0 if the image had been read before")
    @Timespan
    long imageRead;

    @Label("VM Ready")
    @Description("From the image's being read, time in a queue included")
    @Timespan
    long vmReady;

    @Label("Laid Out")
    @Description("From the VM's being ready")
    @Timespan
    long laidOut;

    @Label("Entered")
    @Description("From the guest's being laid out to the first KVM_RUN")
    @Timespan
    long entered;

    @Label("First Hypercall")
    @Description("From the first KVM_RUN")
    @Timespan
    long firstHypercall;

    @Label("First Console Byte")
    @Description("From the first KVM_RUN")
    @Timespan
    long firstConsoleByte;

    @Label("Boot to Exit")
    @Description("From the first KVM_RUN to the guest's end")
    @Timespan
    long halted;

    @Label("Freed")
    @Description("From the guest's end to its result: devices flushed, VM freed or kept")
    @Timespan
    long freed;

    /** Takes what is known of a guest at its end. */
    void fill(EndedRun ended) {
        guest = ended.guest();
        ring = ended.privilege().number();
        startedOn = ended.start().toString();
        memory = ended.memory();
        Timeline marks = ended.timeline();
        imageRead = between(marks.requested(), marks.imageRead());
        vmReady = between(marks.imageRead(), marks.vmReady());
        laidOut = between(marks.vmReady(), marks.laidOut());
        entered = between(marks.laidOut(), marks.entered());
        firstHypercall = between(marks.entered(), marks.firstHypercall());
        firstConsoleByte = between(marks.entered(), marks.firstConsoleByte());
        halted = between(marks.entered(), marks.halted());
        freed = between(marks.halted(), marks.freed());
    }

    private static long between(long from, long to) {
        return from == 0 || to == 0 ? NOT_REACHED : to - from;
    }
}
