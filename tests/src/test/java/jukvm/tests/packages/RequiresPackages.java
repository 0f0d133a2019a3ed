package jukvm.tests.packages;

import java.io.IOException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Optional;
import jukvm.junit.Required;
import jukvm.tests.support.Command;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Skips a test where the packages of this build are not there, which {@code -Pdist} makes, or
 * cannot be installed in a root of their own; fails it there if the environment variable {@code
 * JUKVM_REQUIRE} names packages.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(RequiresPackages.Condition.class)
@interface RequiresPackages {
    /** What {@code JUKVM_REQUIRE} calls it. */
    String NAME = "packages";

    /** Looks for packages that are not older than what they pack, and for debootstrap. */
    final class Condition implements ExecutionCondition {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            Optional<String> missing = missing();
            if (missing.isEmpty()) {
                return ConditionEvaluationResult.enabled("the packages are there");
            }
            if (Required.names(NAME)) {
                throw new IllegalStateException("JUKVM_REQUIRE=packages, but " + missing.get());
            }
            return ConditionEvaluationResult.disabled(missing.get());
        }

        private static Optional<String> missing() {
            try {
                if (!Packages.areBuilt()) {
                    return Optional.of("no packages of this build; -Pdist makes them");
                }
                if (!System.getProperty("user.name", "").equals("root")) {
                    return Optional.of("this user is not root");
                }
                return Command.shell("command -v debootstrap && unshare --mount true").status() == 0
                        ? Optional.empty()
                        : Optional.of("no debootstrap, or no mount namespaces");
            } catch (IOException e) {
                return Optional.of(e.toString());
            } catch (InterruptedException e) {
                throw new AssertionError("nobody interrupts this thread", e);
            }
        }
    }
}
