package jukvm.tests.support;

import java.io.IOException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import jukvm.junit.Required;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Skips a test where passt is not installed, and fails it there if the environment variable {@code
 * JUKVM_REQUIRE} names passt.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(RequiresPasst.Condition.class)
public @interface RequiresPasst {
    /** Looks for it on PATH. */
    final class Condition implements ExecutionCondition {
        private static final String MISSING = "passt is not on PATH";

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            if (isThere()) {
                return ConditionEvaluationResult.enabled("passt is there");
            }
            if (Required.names("passt")) {
                throw new IllegalStateException("JUKVM_REQUIRE=passt, but " + MISSING);
            }
            return ConditionEvaluationResult.disabled(MISSING);
        }

        private static boolean isThere() {
            try {
                return Command.sh("command -v passt").status() == 0;
            } catch (IOException e) {
                return false;
            } catch (InterruptedException e) {
                throw new AssertionError("nobody interrupts this thread", e);
            }
        }
    }
}
