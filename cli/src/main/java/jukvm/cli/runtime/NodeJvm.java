package jukvm.cli.runtime;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import jukvm.error.ConfigException;

/**
 * The JVM that runs guests of many containers, the daemon of the node: started already, so a guest
 * is there in milliseconds. In the container is a small program that answers for the guest: it
 * opens what the guest has, its memory is charged to it, and it ends with the guest.
 */
final class NodeJvm {
    /** The annotation that says which JVM runs the guest. */
    static final String ANNOTATION = "jukvm.jvm";

    /** Where the container has that program. */
    static final Path CLIENT = Path.of("/jukvm-guest");

    private static final String NODE = "node";
    private static final String CONTAINER = "container";

    // All of it is set aside before the guest starts, which takes its time.
    private static final long DEFAULT_MIB = 32;

    // What else is charged to the container: the client, its stack and tables, sockets.
    private static final long BESIDE_MIB = 4;
    private static final long MOST_MIB = 512;

    // As the kernel has it if nothing is said.
    private static final long PERIOD_MICROS = 100_000;

    private NodeJvm() {}

    /**
     * Returns whether a container's guest is to run there.
     *
     * @param option what the runtime is told of all containers
     * @param config of the container's bundle, whose annotation comes first
     * @throws ConfigException if they say nothing that is known
     */
    static boolean isWanted(String option, JsonObject config) {
        String wish = config.object("annotations").text(ANNOTATION).orElse(option);
        if (!wish.equals(NODE) && !wish.equals(CONTAINER)) {
            throw new ConfigException(
                    "annotation " + ANNOTATION + " is '" + wish + "', need container or node");
        }
        return wish.equals(NODE);
    }

    /**
     * Returns why a guest cannot run there where no daemon takes it.
     *
     * @param place the folder that the daemon has its own in
     */
    static ConfigException missing(String place) {
        return new ConfigException(
                "the guest is to run in the node's JVM, but there is none that takes it at "
                        + place
                        + "/jukvm/daemon; start one: XDG_RUNTIME_DIR="
                        + place
                        + " jukvm daemon start");
    }

    /** Returns that program of this JVM, which is the node's. */
    static Path client() throws IOException {
        // The class path is the jar, which the launcher names by its whole path.
        Path jar = Path.of(System.getProperty("java.class.path"));
        return jar.resolveSibling("client").toRealPath();
    }

    /**
     * Returns the command line of the container's process.
     *
     * @param descriptor that it finds open, a connection to the daemon
     */
    static List<String> command(String descriptor) {
        return List.of(CLIENT.toString(), descriptor);
    }

    /**
     * Returns how many processors a guest may use, by the quota of its container; infinite if that
     * has none.
     *
     * @throws ConfigException if it is to have certain ones, which it cannot there; with what to do
     */
    static double processors(JsonObject config) {
        JsonObject cpu = config.object("linux").object("resources").object("cpu");
        if (cpu.text("cpus").filter(list -> !list.isEmpty()).isPresent()) {
            throw new ConfigException(
                    "the container's choice of processors (cpu.cpus) does not hold for a guest in"
                            + " the node's JVM; leave it out, or set annotation "
                            + ANNOTATION
                            + "="
                            + CONTAINER);
        }
        long quota = cpu.number("quota").orElse(0L);
        long period = cpu.number("period").filter(each -> each > 0).orElse(PERIOD_MICROS);
        return quota > 0 ? quota / (double) period : Double.POSITIVE_INFINITY;
    }

    /**
     * Returns the guest's memory in MiB: what the container's limit leaves.
     *
     * @param limit in bytes; none if it is below 1 MiB
     * @throws ConfigException if it leaves none
     */
    static long memory(long limit) {
        long mib = limit >> 20;
        if (mib < 1) {
            return DEFAULT_MIB;
        }
        long left = Math.min(mib - BESIDE_MIB, MOST_MIB) / 2 * 2;
        if (left < 2) {
            throw new ConfigException(
                    "the container's memory limit of "
                            + mib
                            + " MiB leaves its guest nothing; it takes "
                            + BESIDE_MIB
                            + " MiB beside the guest");
        }
        return left;
    }
}
