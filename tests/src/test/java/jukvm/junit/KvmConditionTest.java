package jukvm.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of tests where there may be no KVM. */
class KvmConditionTest {
    @TempDir private Path published;

    /** Tests on a host without KVM that need not have it. */
    static final class Without {
        @RegisterExtension
        static final GuestExtension EXTENSION =
                new GuestExtension(new KvmCondition(() -> false, () -> false));

        @Test
        @Unikernel("nowhere.hvt")
        void guest() {}
    }

    /** Tests on a host without KVM that must have it. */
    static final class WithoutWhatIsRequired {
        @RegisterExtension
        static final GuestExtension EXTENSION =
                new GuestExtension(new KvmCondition(() -> false, () -> true));

        @Test
        @Unikernel("nowhere.hvt")
        void guest() {}
    }

    @Test
    void shouldSkipWithoutKvm() {
        Trial trial = Trial.of(Without.class, published);
        trial.results().testEvents().assertStatistics(count -> count.started(0));
        assertEquals(
                Optional.of("no access to /dev/kvm"),
                trial.results()
                        .containerEvents()
                        .skipped()
                        .map(event -> event.getRequiredPayload(String.class))
                        .findFirst());
    }

    @Test
    void shouldFailWithoutKvmWhereItIsRequired() {
        Throwable failure = Trial.of(WithoutWhatIsRequired.class, published).failureOfClass();
        assertEquals(
                "JUKVM_REQUIRE=kvm, but no access to /dev/kvm",
                Objects.requireNonNull(failure.getCause()).getMessage());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldRunWithKvm(boolean required) {
        Trial trial = Trial.of(required ? WithWhatIsRequired.class : With.class, published);
        trial.assertPassed(1);
    }

    /** Tests on a host with KVM. */
    static final class With {
        @RegisterExtension
        static final KvmCondition CONDITION = new KvmCondition(() -> true, () -> false);

        @Test
        void any() {}
    }

    /** Tests on a host with KVM that must have it. */
    static final class WithWhatIsRequired {
        @RegisterExtension
        static final KvmCondition CONDITION = new KvmCondition(() -> true, () -> true);

        @Test
        void any() {}
    }
}
