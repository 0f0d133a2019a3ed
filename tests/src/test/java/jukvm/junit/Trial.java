package jukvm.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.OutputDirectoryCreator;
import org.junit.platform.engine.TestDescriptor;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.engine.reporting.ReportEntry;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;
import org.junit.platform.testkit.engine.Events;

/**
 * A run of tests that are themselves on trial.
 *
 * @param results all that JUnit told of it
 */
record Trial(EngineExecutionResults results) {
    /** Runs the methods of a class that have a name. */
    static Trial of(Class<?> tests, String name, Path published) {
        return run(
                Arrays.stream(tests.getDeclaredMethods())
                        .filter(method -> method.getName().equals(name))
                        .map(method -> DiscoverySelectors.selectMethod(tests, method))
                        .toArray(DiscoverySelector[]::new),
                published);
    }

    /** Runs all of a class. */
    static Trial of(Class<?> tests, Path published) {
        return run(new DiscoverySelector[] {DiscoverySelectors.selectClass(tests)}, published);
    }

    private static Trial run(DiscoverySelector[] selected, Path published) {
        return new Trial(
                EngineTestKit.engine("junit-jupiter")
                        .selectors(selected)
                        .outputDirectoryCreator(new Folder(published))
                        .execute());
    }

    /** Puts what any test publishes into one folder. */
    private record Folder(Path getRootDirectory) implements OutputDirectoryCreator {
        @Override
        public Path createOutputDirectory(TestDescriptor test) {
            return getRootDirectory;
        }
    }

    /** Returns the failure of the only test, which must have failed. */
    Throwable failure() {
        return failure(results.testEvents());
    }

    /** Returns the failure of the class, which must have failed. */
    Throwable failureOfClass() {
        return failure(results.containerEvents());
    }

    private static Throwable failure(Events events) {
        List<Event> failed = events.failed().list();
        assertEquals(1, failed.size(), events.list()::toString);
        return failed.get(0)
                .getRequiredPayload(TestExecutionResult.class)
                .getThrowable()
                .orElseThrow();
    }

    /** Checks that so many tests ran, and none failed. */
    void assertPassed(int tests) {
        results.testEvents()
                .assertStatistics(count -> count.started(tests).succeeded(tests).aborted(0));
    }

    /** Returns what was published as entries. */
    List<ReportEntry> entries() {
        return results.testEvents()
                .reportingEntryPublished()
                .map(event -> event.getRequiredPayload(ReportEntry.class))
                .toList();
    }
}
