package jukvm.telemetry;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** One hypercall, from its exit to its answer. Off unless a recording asks for it. */
@Name("jukvm.Hypercall")
@Label("Hypercall")
@Category("jukvm")
@Description(
        "A hypercall from the guest's exit to its answer; of guests that began while it was on")
@Enabled(false)
@StackTrace(false)
final class HypercallEvent extends Event {
    @Label("Guest")
    String guest = "";

    @Label("Hypercall")
    String kind = "";

    @Label("Port")
    int port;
}
