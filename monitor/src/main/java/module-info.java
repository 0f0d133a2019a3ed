/**
 * From an image to the result of its run: image loader, boot state at both privilege levels, trap
 * emulation, virtual machines, the vCPU loop.
 *
 * <p>The public library is {@code jukvm.monitor}, which runs guests, {@code jukvm.image} and {@code
 * jukvm.fetch}, where images come from, and {@code jukvm.guest}, what is asked of guests and told
 * of them; with the devices, the contract's values and the exceptions of the modules below.
 */
module jukvm.monitor {
    requires static jdk.jfr; // Who records has it.
    requires static transitive org.jspecify;
    requires transitive jukvm.hypercalls;
    requires org.slf4j;

    exports jukvm.fetch;
    exports jukvm.guest;
    exports jukvm.image;
    exports jukvm.monitor;
    exports jukvm.telemetry to
            jukvm.cli;
}
