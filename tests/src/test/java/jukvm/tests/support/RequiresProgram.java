package jukvm.tests.support;

import java.io.IOException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.List;
import jukvm.junit.Required;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Skips a test where a program is not installed, or this user is not root though it is to be, and
 * fails it there if the environment variable {@code JUKVM_REQUIRE} names the first program.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(RequiresProgram.Condition.class)
public @interface RequiresProgram {
    /** Returns the programs, by the names they have on PATH. */
    String[] value();

    /** Returns whether they need root. */
    boolean byRoot() default true;

    /** Looks for them on PATH. */
    final class Condition implements ExecutionCondition {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            RequiresProgram needed =
                    AnnotationSupport.findAnnotation(
                                    context.getRequiredTestClass(), RequiresProgram.class)
                            .orElseThrow();
            List<String> programs = List.of(needed.value());
            String trial =
                    (needed.byRoot() ? "[ $(id -u) = 0 ] && " : "")
                            + "command -v "
                            + String.join(" && command -v ", programs);
            if (succeeds(trial)) {
                return ConditionEvaluationResult.enabled(programs + " are there");
            }
            String missing =
                    (needed.byRoot() ? "no root, or " : "") + "not all on PATH: " + programs;
            if (Required.names(programs.get(0))) {
                throw new IllegalStateException(
                        "JUKVM_REQUIRE=" + programs.get(0) + ", but " + missing);
            }
            return ConditionEvaluationResult.disabled(missing);
        }

        private static boolean succeeds(String script) {
            try {
                return Command.sh(script).status() == 0;
            } catch (IOException e) {
                return false;
            } catch (InterruptedException e) {
                throw new AssertionError("nobody interrupts this thread", e);
            }
        }
    }
}
