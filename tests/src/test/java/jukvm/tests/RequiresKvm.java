package jukvm.tests;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Skips a test where there is no access to /dev/kvm, and fails it there if the environment variable
 * {@code JUKVM_REQUIRE} names kvm, so that a skip cannot pass for green.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(RequiresKvm.Condition.class)
@interface RequiresKvm {
    /** Looks at the device and at the environment. */
    final class Condition implements ExecutionCondition {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            Path device = Path.of("/dev/kvm");
            if (Files.isReadable(device) && Files.isWritable(device)) {
                return ConditionEvaluationResult.enabled("/dev/kvm is there");
            }
            if (Required.names("kvm")) {
                throw new IllegalStateException("JUKVM_REQUIRE=kvm, but no access to /dev/kvm");
            }
            return ConditionEvaluationResult.disabled("no access to /dev/kvm");
        }
    }

    /** What the environment says must not be missing. */
    final class Required {
        private Required() {}

        static boolean names(String what) {
            String required = Objects.requireNonNullElse(System.getenv("JUKVM_REQUIRE"), "");
            return List.of(required.split("[ ,]", -1)).contains(what);
        }
    }
}
