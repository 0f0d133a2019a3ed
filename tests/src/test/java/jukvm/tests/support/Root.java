package jukvm.tests.support;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import jukvm.junit.Required;

/** What tests do that only root may. */
public final class Root {
    /** Runs "$@" without the capability to open what permissions forbid. */
    public static final String WITHOUT_OVERRIDE =
            "exec setpriv --inh-caps=-dac_override,-dac_read_search"
                    + " --bounding-set=-dac_override,-dac_read_search \"$@\"";

    private Root() {}

    /** Skips the test of a user who is not root, or fails it if root is required. */
    public static void assumeRoot() {
        boolean root = System.getProperty("user.name", "").equals("root");
        if (!root && Required.names("root")) {
            throw new IllegalStateException("JUKVM_REQUIRE=root, but this user is not root");
        }
        assumeTrue(root, "needs root");
    }

    /** Skips the test where there can be no mount namespace, or fails it if root is required. */
    public static void assumeMounts() throws Exception {
        assumeRoot();
        boolean canMount = Command.shell("unshare --mount true").status() == 0;
        assumeTrue(canMount, "needs a mount namespace, which a change of root prevents");
    }

    /**
     * Runs the command after a script in a mount namespace of its own; skips the test where there
     * can be none.
     *
     * @param script of mounts, on a line
     * @param exec what it ends with, as in {@code exec "$@"}
     */
    public static Command mounted(Path folder, String script, String exec, String... arguments)
            throws Exception {
        assumeMounts();
        Path file = folder.resolve("mounts.sh");
        Files.writeString(file, "set -e\n" + script + "\n" + exec + "\n");
        try {
            return Command.shell("exec unshare --mount sh " + file + " \"$@\"", arguments);
        } finally {
            Files.delete(file);
        }
    }
}
