package jukvm.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import jukvm.bench.action.Commands;
import org.junit.jupiter.api.Assumptions;

/**
 * What a test needs of the host. Without it the test is skipped, and fails if the environment
 * variable {@code JUKVM_REQUIRE} names it.
 */
public final class Required {
    private Required() {}

    /** Demands that guests can be run. */
    public static void kvm() {
        Path device = Path.of("/dev/kvm");
        demand(
                "kvm",
                Files.isReadable(device) && Files.isWritable(device),
                "no access to /dev/kvm");
    }

    /** Demands the native floor, which a compiler has built. */
    public static void floor(Path floor) {
        demand("gcc", Files.isExecutable(floor), "no gcc, so the native floor is not built");
    }

    /** Demands a compiler. */
    public static void gcc() {
        demand("gcc", Commands.find("gcc").isPresent(), "no gcc");
    }

    /** Demands the rights of root. */
    public static void root() {
        demand("root", isRoot(), "this user is not root");
    }

    /** Demands a mount namespace, which a change of root prevents. */
    public static void mounts() throws Exception {
        root();
        boolean canMount = new ProcessBuilder("unshare", "--mount", "true").start().waitFor() == 0;
        Assumptions.assumeTrue(canMount, "needs a mount namespace");
    }

    /** Demands containers. */
    public static void runc() {
        root();
        demand("runc", hasRunc(), "no runc");
    }

    /** Demands an engine of containers. */
    public static void containerd() {
        runc();
        boolean isThere =
                Commands.find("containerd").isPresent() && Commands.find("ctr").isPresent();
        demand("containerd", isThere, "no containerd");
    }

    /** Demands network namespaces with interfaces and passt in them. */
    public static void passt() {
        root();
        boolean isThere = Commands.find("passt").isPresent() && Commands.find("ip").isPresent();
        demand("passt", isThere, "no passt, or no iproute2");
    }

    /** Returns whether this user can make containers. */
    public static boolean hasRunc() {
        return isRoot() && Commands.find("runc").isPresent();
    }

    /** Returns whether this user is root. */
    public static boolean isRoot() {
        return System.getProperty("user.name", "").equals("root");
    }

    /** Returns whether the environment asks for something to be here, whatever for. */
    public static boolean names(String name) {
        String required = Objects.requireNonNullElse(System.getenv("JUKVM_REQUIRE"), "");
        return List.of(required.split("[ ,]", -1)).contains(name);
    }

    private static void demand(String name, boolean isThere, String reason) {
        if (!isThere && names(name)) {
            throw new IllegalStateException("JUKVM_REQUIRE=" + name + ", but " + reason);
        }
        Assumptions.assumeTrue(isThere, reason);
    }
}
