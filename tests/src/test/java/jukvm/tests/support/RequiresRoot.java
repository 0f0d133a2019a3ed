package jukvm.tests.support;

import java.io.IOException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import jukvm.junit.Required;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Skips a test where no network namespace with TAP interfaces can be made, and fails it there if
 * the environment variable {@code JUKVM_REQUIRE} names root.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(RequiresRoot.Condition.class)
public @interface RequiresRoot {
    /** Tries what a namespace needs. */
    final class Condition implements ExecutionCondition {
        // With the loopback interface up and one packet through it, ping is known to work as well.
        private static final String TRIAL =
                "command -v nsenter && ip tuntap add tap0 mode tap && ip link set lo up"
                        + " && ping -q -c 1 127.0.0.1";

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            Optional<String> missing = missing();
            if (missing.isEmpty()) {
                return ConditionEvaluationResult.enabled("namespaces and TAP interfaces work");
            }
            if (Required.names("root")) {
                throw new IllegalStateException("JUKVM_REQUIRE=root, but " + missing.get());
            }
            return ConditionEvaluationResult.disabled(missing.get());
        }

        private static Optional<String> missing() {
            if (!Files.isWritable(Path.of("/dev/net/tun"))) {
                return Optional.of("no access to /dev/net/tun");
            }
            try {
                Process trial =
                        new ProcessBuilder("unshare", "--net", "sh", "-c", TRIAL)
                                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                                .redirectError(ProcessBuilder.Redirect.DISCARD)
                                .start();
                boolean works = trial.waitFor(60, TimeUnit.SECONDS) && trial.exitValue() == 0;
                trial.destroyForcibly();
                return works ? Optional.empty() : Optional.of("no unshare, nsenter, ip or ping");
            } catch (IOException e) {
                return Optional.of("no unshare");
            } catch (InterruptedException e) {
                throw new AssertionError("nobody interrupts this thread", e);
            }
        }
    }
}
