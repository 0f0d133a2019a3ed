package jukvm.telemetry;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import jukvm.device.AttachedBlock;
import jukvm.device.AttachedNet;
import jukvm.guest.Counters;

/**
 * The end of one guest: its duration is from the first KVM_RUN, so that it stands for the guest in
 * the lane of its thread; 0 if it was never entered, or began before the recorder was in use.
 */
@Name("jukvm.End")
@Label("Guest End")
@Category("jukvm")
@Description("A guest from the first KVM_RUN to its end: how it ended, and what it did")
@StackTrace(false)
final class EndEvent extends Event {
    @Label("Guest")
    String guest = "";

    @Label("Outcome")
    @Description(
            "exited, aborted, faulted, deadline, limit, cancelled, snapshot, host-error or thrown")
    String outcome = "";

    @Label("Status")
    @Description("Of a guest that exited or aborted; else 0")
    int status;

    @Label("Message")
    @Description("What happened, in a line")
    String message = "";

    @Label("Privilege Level")
    int ring;

    @Label("Dialect")
    String dialect = "";

    @Label("Started On")
    @Description("cold or cold-snapshot: a VM made for it; pooled or snapshot: a kept one; or none")
    String startedOn = "";

    @Label("Exits")
    @Description("Returns from KVM_RUN")
    long exits;

    @Label("Traps")
    @Description("Exceptions handled at ring 3")
    long traps;

    @Label("Hypercalls")
    long hypercalls;

    @Label("Console")
    @DataAmount
    long consoleBytes;

    @Label("Block I/O")
    @Description("Read and written by its block devices")
    @DataAmount
    long blockBytes;

    @Label("Network")
    @Description("Received and sent by its network devices")
    @DataAmount
    long netBytes;

    @Label("CPU Time")
    @Description("Of its vCPU's thread while it ran")
    @Timespan
    long cpu;

    @Label("Waited")
    @Description("In POLL, for its network or for time to pass")
    @Timespan
    long waited;

    /** Takes what is known of a guest at its end. */
    void fill(EndedRun ended) {
        guest = ended.guest();
        outcome = ended.kind().toString();
        status = ended.status();
        message = ended.message();
        ring = ended.privilege().number();
        dialect = ended.dialect().toString();
        startedOn = ended.start().toString();
        Counters counters = ended.counters();
        exits = counters.exits();
        traps = counters.traps();
        for (long calls : counters.hypercalls().values()) {
            hypercalls += calls;
        }
        consoleBytes = counters.consoleBytes();
        for (AttachedBlock.Counters block : counters.blocks().values()) {
            blockBytes += block.bytesRead() + block.bytesWritten();
        }
        for (AttachedNet.Counters net : counters.nets().values()) {
            netBytes += net.bytesRead() + net.bytesWritten();
        }
        cpu = counters.cpuNanos();
        waited = counters.waitedNanos();
    }
}
