/**
 * The guest contract: dialects, manifest, hypercalls and devices.
 *
 * <p>Knows what a Solo5 guest expects and nothing of KVM.
 */
module jukvm.hypercalls {
    requires static transitive org.jspecify;
    requires transitive jukvm.nativestubs;

    exports jukvm.abi;
    exports jukvm.call;
    exports jukvm.device;
    exports jukvm.hypercall to
            jukvm.monitor;
}
