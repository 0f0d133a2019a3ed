/**
 * The unsafe layer of jukvm: libc and KVM through JNA or jnr-ffi, and guest memory.
 *
 * <p>The only module that touches native code. {@code jukvm.libc}, where host addresses and bare
 * descriptors live, is not exported.
 */
module jukvm.nativestubs {
    requires static transitive org.jspecify;
    requires com.sun.jna;
    requires static org.jnrproject.ffi;
    requires static org.jnrproject.jffi;

    exports jukvm.block to
            jukvm.hypercalls,
            jukvm.monitor,
            jukvm.cli;
    exports jukvm.daemon to
            jukvm.cli;
    exports jukvm.error;
    exports jukvm.host;
    exports jukvm.io to
            jukvm.hypercalls,
            jukvm.monitor,
            jukvm.cli;
    exports jukvm.kvm to
            jukvm.monitor;
    exports jukvm.memory to
            jukvm.hypercalls,
            jukvm.monitor,
            jukvm.cli;
    exports jukvm.net to
            jukvm.hypercalls,
            jukvm.monitor,
            jukvm.cli;
    exports jukvm.process to
            jukvm.monitor,
            jukvm.cli;
    exports jukvm.sandbox to
            jukvm.monitor,
            jukvm.cli;
    exports jukvm.stream to
            jukvm.hypercalls,
            jukvm.monitor,
            jukvm.cli;
    exports jukvm.text to
            jukvm.hypercalls,
            jukvm.monitor,
            jukvm.cli;

    // JNA registers native methods and jnr-ffi implements an interface, both by reflection.
    opens jukvm.libc to
            com.sun.jna,
            org.jnrproject.ffi;
}
