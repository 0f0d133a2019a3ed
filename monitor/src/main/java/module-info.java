/**
 * The tender: image loader, boot state of both rings, trap emulation and the vCPU loop.
 *
 * <p>The public library is {@code jukvm.monitor} and {@code jukvm.image}, with the devices, the
 * contract's values and the exceptions of the modules below.
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
}
