package jukvm.junit;

import java.io.IOException;
import java.lang.reflect.Method;
import java.util.Objects;
import java.util.Optional;
import jukvm.monitor.Monitor;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.opentest4j.TestAbortedException;

/**
 * Brings guests to the tests that {@link Unikernel} marks, and tells of them if a test fails. The
 * annotation brings this along; nobody else need name it.
 */
public final class GuestExtension
        implements ExecutionCondition,
                BeforeEachCallback,
                AfterEachCallback,
                ParameterResolver,
                InvocationInterceptor {
    private static final ExtensionContext.Namespace OURS =
            ExtensionContext.Namespace.create(GuestExtension.class);

    private final KvmCondition kvm;

    /** Looks for {@code /dev/kvm} on this host. */
    public GuestExtension() {
        this(new KvmCondition());
    }

    GuestExtension(KvmCondition kvm) {
        this.kvm = kvm;
    }

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        return kvm.evaluateExecutionCondition(context);
    }

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        // JUnit closes it when the last test has ended.
        Monitor monitor =
                context.getRoot()
                        .getStore(OURS)
                        .getOrComputeIfAbsent(Monitor.class, type -> Monitor.open(), Monitor.class);
        context.getStore(OURS)
                .put(
                        TestGuests.class,
                        TestGuests.prepare(
                                context.getRequiredTestMethod(),
                                context.getRequiredTestClass(),
                                monitor));
    }

    private static Optional<TestGuests> guests(ExtensionContext context) {
        return Optional.ofNullable(context.getStore(OURS).get(TestGuests.class, TestGuests.class));
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Guest.class
                && find(parameter, context).isPresent();
    }

    @Override
    public Guest resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return find(parameter, context).orElseThrow();
    }

    // Parameters of other methods, such as those before each test, are of the test's own guest.
    private static Optional<Guest> find(ParameterContext parameter, ExtensionContext context) {
        boolean ofTest =
                Objects.equals(
                        context.getTestMethod().orElse(null), parameter.getDeclaringExecutable());
        return guests(context)
                .flatMap(
                        guests ->
                                ofTest
                                        ? guests.ofParameter(parameter.getIndex())
                                        : guests.ofMethod());
    }

    @Override
    public void interceptTestMethod(
            Invocation<Void> invocation,
            ReflectiveInvocationContext<Method> method,
            ExtensionContext context)
            throws Throwable {
        watch(invocation, context);
    }

    @Override
    public void interceptTestTemplateMethod(
            Invocation<Void> invocation,
            ReflectiveInvocationContext<Method> method,
            ExtensionContext context)
            throws Throwable {
        watch(invocation, context);
    }

    private static void watch(Invocation<Void> test, ExtensionContext context) throws Throwable {
        TestGuests guests = guests(context).orElseThrow();
        try {
            test.proceed();
            guests.finish();
        } catch (Throwable failure) { // Whatever it is, it is passed on.
            guests.abandon();
            if (!(failure instanceof TestAbortedException)) {
                guests.attachTo(failure, context);
            }
            throw failure;
        }
    }

    @Override
    public void afterEach(ExtensionContext context) throws IOException {
        Optional<TestGuests> guests = guests(context);
        if (guests.isPresent()) {
            guests.get().close();
        }
    }
}
