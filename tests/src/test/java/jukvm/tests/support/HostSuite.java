package jukvm.tests.support;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.platform.engine.FilterResult;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.PostDiscoveryFilter;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.reporting.legacy.xml.LegacyXmlReportGeneratingListener;

/**
 * Runs test classes on a host that has neither Maven nor Surefire, one after the other, and leaves
 * a file for each as Surefire does. A class that does not end ends the JVM: whoever runs it starts
 * it again, and it goes on with the class after.
 */
public final class HostSuite {
    private static final PrintWriter ERRORS =
            new PrintWriter(System.err, true, StandardCharsets.UTF_8);

    private final Path results;
    private final Duration limit;
    private final Path running;

    private HostSuite(Path results, Duration limit) {
        this.results = results;
        this.limit = limit;
        this.running = results.resolve("running");
    }

    /**
     * Runs test classes.
     *
     * @param arguments the folder for results, how many seconds each class may take, then classes,
     *     each by its name or as CLASS#METHOD
     */
    public static void main(String[] arguments) throws Exception {
        Path results = Files.createDirectories(Path.of(arguments[0]));
        Duration limit = Duration.ofSeconds(Long.parseLong(arguments[1]));
        HostSuite suite = new HostSuite(results, limit);
        for (String test : List.of(arguments).subList(2, arguments.length)) {
            suite.run(test);
        }
        Runtime.getRuntime().halt(0); // Whatever threads a test left.
    }

    private void run(String test) throws Exception {
        Path file = results.resolve("TEST-" + test.replace('#', '.') + ".xml");
        if (Files.exists(file)) {
            return;
        }
        if (Files.exists(running) && Files.readString(running).equals(test)) {
            Files.writeString(file, unended(test));
            System.out.println(test + ": DID NOT END");
            return;
        }
        Files.writeString(running, test);
        CountDownLatch over = new CountDownLatch(1);
        Thread watchdog = new Thread(() -> watch(over), "limit of " + test);
        watchdog.setDaemon(true);
        watchdog.start();
        Path folder = Files.createTempDirectory(results, "xml");
        LauncherFactory.create()
                .execute(
                        request(test),
                        new LegacyXmlReportGeneratingListener(folder, ERRORS),
                        new Progress(test));
        over.countDown();
        Files.move(folder.resolve("TEST-junit-jupiter.xml"), file);
        Launcher.remove(folder);
        Files.delete(running);
    }

    private static LauncherDiscoveryRequest request(String test) throws Exception {
        int hash = test.indexOf('#');
        String name = hash < 0 ? test : test.substring(0, hash);
        LauncherDiscoveryRequestBuilder request =
                LauncherDiscoveryRequestBuilder.request()
                        .selectors(selectClass(find(name)))
                        .configurationParameter("junit.jupiter.execution.timeout.mode", "disabled");
        if (hash >= 0) {
            request.filters(
                    (PostDiscoveryFilter)
                            descriptor ->
                                    FilterResult.includedIf(
                                            descriptor
                                                    .getSource()
                                                    .filter(MethodSource.class::isInstance)
                                                    .map(MethodSource.class::cast)
                                                    .map(MethodSource::getMethodName)
                                                    .filter(test.substring(hash + 1)::equals)
                                                    .isPresent()));
        }
        return request.build();
    }

    // By its name alone, whatever package it is in.
    private static Class<?> find(String name) throws Exception {
        Path classes =
                Path.of(
                        HostSuite.class
                                .getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .toURI());
        try (Stream<Path> files = Files.walk(classes)) {
            Path file =
                    files.filter(path -> path.endsWith(name + ".class"))
                            .findFirst()
                            .orElseThrow(() -> new IllegalArgumentException("no class " + name));
            String path = classes.relativize(file).toString();
            return Class.forName(path.replace(".class", "").replace('/', '.'));
        }
    }

    private void watch(CountDownLatch over) {
        try {
            if (over.await(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
            Thread.getAllStackTraces()
                    .forEach(
                            (thread, frames) -> {
                                System.out.println(thread);
                                List.of(frames)
                                        .forEach(frame -> System.out.println("    " + frame));
                            });
        } catch (InterruptedException e) {
            // Nobody does.
        }
        Runtime.getRuntime().halt(2);
    }

    private String unended(String test) {
        return """
                <?xml version="1.0" encoding="UTF-8"?>
                <testsuite name="%1$s" tests="1" skipped="0" failures="0" errors="1" time="%2$d">
                <testcase name="end" classname="jukvm.tests.%1$s" time="%2$d">
                <error message="it did not end in %2$d seconds, or its JVM did"/>
                </testcase>
                </testsuite>
                """
                .formatted(test, limit.toSeconds());
    }

    /** Says how each test ended, in a line. */
    private static final class Progress implements TestExecutionListener {
        private record Start(long nanos, OptionalLong exits) {
            static Start now() {
                return new Start(System.nanoTime(), KernelExits.soFar());
            }

            String toNow() {
                String seconds = String.format("%.1f s", (System.nanoTime() - nanos) / 1e9);
                OptionalLong now = KernelExits.soFar();
                return exits.isEmpty()
                        ? seconds
                        : seconds + ", " + (now.getAsLong() - exits.getAsLong()) + " exits";
            }
        }

        private final String title;
        private final Map<String, Start> starts = new ConcurrentHashMap<>();

        Progress(String title) {
            this.title = title;
        }

        @Override
        public void executionStarted(TestIdentifier test) {
            starts.put(test.getUniqueId(), Start.now());
        }

        @Override
        public void executionSkipped(TestIdentifier test, String reason) {
            say(test, "skipped: " + reason, Start.now());
        }

        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            Start start = Objects.requireNonNull(starts.get(test.getUniqueId()));
            boolean isSkipped = result.getStatus() == TestExecutionResult.Status.ABORTED;
            String word = isSkipped ? "skipped: " : "FAILED: ";
            String end = result.getThrowable().map(why -> word + firstLine(why)).orElse("ok");
            if (test.isTest() || result.getThrowable().isPresent()) {
                say(test, end, start);
            }
        }

        private static String firstLine(Throwable why) {
            return String.valueOf(why).lines().findFirst().orElse("");
        }

        private void say(TestIdentifier test, String end, Start start) {
            String method =
                    test.getSource()
                            .filter(MethodSource.class::isInstance)
                            .map(source -> "." + ((MethodSource) source).getMethodName())
                            .orElse("");
            System.out.printf(
                    "%s%s %s: %s (%s)%n", title, method, test.getDisplayName(), end, start.toNow());
        }
    }
}
