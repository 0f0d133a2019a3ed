package jukvm.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Assumptions;

/**
 * What a test needs of the host. Without it the test is skipped, and fails if the environment
 * variable {@code JUKVM_REQUIRE} names it.
 */
final class Required {
    private Required() {}

    static void kvm() {
        Path device = Path.of("/dev/kvm");
        demand(
                "kvm",
                Files.isReadable(device) && Files.isWritable(device),
                "no access to /dev/kvm");
    }

    static void floor(Path floor) {
        demand("gcc", Files.isExecutable(floor), "no gcc, so the native floor is not built");
    }

    private static void demand(String name, boolean isThere, String reason) {
        String required = Objects.requireNonNullElse(System.getenv("JUKVM_REQUIRE"), "");
        if (!isThere && List.of(required.split("[ ,]", -1)).contains(name)) {
            throw new IllegalStateException("JUKVM_REQUIRE=" + name + ", but " + reason);
        }
        Assumptions.assumeTrue(isThere, reason);
    }
}
