package jukvm.junit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Skips tests where there is no access to {@code /dev/kvm}, and fails them there if {@link
 * Required} names kvm. {@link Unikernel} brings it along; tests that run guests by {@link
 * jukvm.monitor.Monitor} can ask for it by {@code @ExtendWith(KvmCondition.class)}.
 */
public final class KvmCondition implements ExecutionCondition {
    private static final Path DEVICE = Path.of("/dev/kvm");

    private final BooleanSupplier accessible;
    private final BooleanSupplier required;

    /** Looks at this host's device and at the environment. */
    public KvmCondition() {
        this(
                () -> Files.isReadable(DEVICE) && Files.isWritable(DEVICE),
                () -> Required.names("kvm"));
    }

    KvmCondition(BooleanSupplier accessible, BooleanSupplier required) {
        this.accessible = accessible;
        this.required = required;
    }

    /**
     * Says whether a test can run here.
     *
     * @throws IllegalStateException if it cannot, but must
     */
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        if (accessible.getAsBoolean()) {
            return ConditionEvaluationResult.enabled("/dev/kvm is there");
        }
        if (required.getAsBoolean()) {
            throw new IllegalStateException("JUKVM_REQUIRE=kvm, but no access to /dev/kvm");
        }
        return ConditionEvaluationResult.disabled("no access to /dev/kvm");
    }
}
