package jukvm.cli.runtime;

/** What urunc, another runtime for unikernels, reads in images. Source: urunc, docs/package. */
public final class Urunc {
    /** What its annotations begin with. */
    public static final String PREFIX = "com.urunc.unikernel.";

    /** Where an image has them that is started without annotations, the values in base64. */
    public static final String FILE = "/urunc.json";

    /** The annotation that names the guest. */
    public static final String BINARY = "binary";

    /** The annotation that names the monitor. */
    public static final String HYPERVISOR = "hypervisor";

    /** The monitor whose guests are ours. */
    public static final String HVT = "hvt";

    private Urunc() {}
}
