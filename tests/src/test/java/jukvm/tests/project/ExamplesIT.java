package jukvm.tests.project;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import jukvm.junit.Unikernel;
import jukvm.tests.support.BackgroundCommand;
import jukvm.tests.support.Command;
import jukvm.tests.support.Guests;
import jukvm.tests.support.HttpQuestions;
import jukvm.tests.support.Namespace;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.RequiresPasst;
import jukvm.tests.support.RequiresRoot;
import org.apiguardian.api.API;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.testkit.engine.EngineTestKit;

/** The examples are short, need the library alone, and do what they say. */
@RequiresKvm
final class ExamplesIT {
    private static final Path EXAMPLES = Guests.ROOT.resolve("examples");
    private static final Path TEST = EXAMPLES.resolve("src/test/java");
    private static final int LINES = 30;
    private static final int LINES_OF_A_SERVER = 39;

    @TempDir private static Path classes;

    @BeforeAll
    static void compile() throws IOException {
        Newcomer.compileExamples(classes);
    }

    private static String output(String example, String... arguments) throws Exception {
        Command run = Newcomer.example(classes, List.of(), example, arguments);
        assertEquals("", run.stderr());
        assertEquals(0, run.status());
        return run.stdout();
    }

    private static String guest(String name) {
        return Guests.prebuilt(name).toString();
    }

    @Test
    void shouldBeShort() throws IOException {
        try (Stream<Path> files = Files.walk(EXAMPLES.resolve("src"))) {
            for (Path file : files.filter(file -> file.toString().endsWith(".java")).toList()) {
                long lines =
                        Files.readAllLines(file).stream()
                                .dropWhile(line -> !line.startsWith("/**"))
                                .count();
                boolean isServer = file.endsWith("HttpLauncher.java");
                assertTrue(
                        lines <= (isServer ? LINES_OF_A_SERVER : LINES),
                        file + ": " + lines + " lines without imports");
            }
        }
    }

    @Test
    void shouldAskForTheArtifactsOfThisVersion() throws IOException {
        String version = "<version>.*</version>";
        String parent = Files.readString(Guests.ROOT.resolve("pom.xml"));
        String current =
                parent.lines()
                        .filter(line -> line.matches(" *" + version))
                        .findFirst()
                        .orElseThrow();
        String own = current.replaceAll("</?version>", "").strip();
        String pom = Files.readString(EXAMPLES.resolve("pom.xml"));
        assertTrue(pom.contains("<jukvm.version>" + own + "</jukvm.version>"), own);
    }

    @Test
    void shouldSayHello() throws Exception {
        String expected =
                """
                Hello from a jukvm guest (hvt 2)
                command line: Hello
                guest exited with status 0
                """;
        assertEquals(expected, output("Hello", guest("hello.hvt")));
    }

    @Test
    void shouldConnectTwoGuests() throws Exception {
        String output = output("TwoGuests", guest("echo.hvt"));
        assertTrue(output.contains("\n100 sent, 100 received\n"), output);
        assertTrue(output.endsWith("\nguest exited with status 0\n"), output);
    }

    @Test
    void shouldRunATenantsGuest() throws Exception {
        assertEquals("guest exited with status 0\n", output("Tenants", guest("hello.hvt")));
    }

    @Test
    void shouldAnswerARequest() throws Exception {
        assertEquals(
                "Is there anybody?\nguest exited with status 0\n",
                output("RequestResponse", guest("echo.hvt")));
    }

    @Test
    @RequiresRoot
    @RequiresPasst
    void shouldAnswerEachRequestByAGuestOfItsOwn() throws Exception {
        List<String> line = Newcomer.line(classes, List.of(), "HttpLauncher", guest("http.hvt"));
        try (Namespace host = Namespace.open()) {
            host.route("192.0.2.1");
            try (BackgroundCommand launcher = BackgroundCommand.start(host.line(line))) {
                launcher.awaitOutput("\n");
                URI address = URI.create(launcher.output().strip());
                String port = Integer.toString(address.getPort());
                List<String> ask =
                        Command.mainLine(HttpQuestions.class, List.of(), "127.0.0.1", port);
                Command asked =
                        Command.program(
                                Command.PATIENCE, Map.of(), host.line(ask).toArray(String[]::new));
                assertEquals("SUCCESS\n", asked.stdout(), () -> asked.stderr());
                assertEquals("", launcher.errors());
            }
            host.awaitNoPasst();
        }
    }

    @Test
    void shouldWriteToADiskInJava() throws Exception {
        assertEquals(
                """
                write 262144 bytes at 0
                write 262144 bytes at 262144
                write 262144 bytes at 524288
                write 262144 bytes at 786432
                guest exited with status 0
                """,
                output("CustomDisk", guest("block.hvt")));
    }

    @Test
    void shouldTellHowGuestsEnd() throws Exception {
        assertEquals(
                """
                exited: guest exited with status 0
                limit: guest stopped: it used more than 5 bytes of console output
                deadline: guest stopped: its deadline of 100ms expired
                limit: guest stopped: it used more than 50000000 ns of CPU time
                """,
                output("Deadline", guest("hello.hvt"), guest("spin.hvt")));
    }

    @Test
    void shouldRunAThousandGuests() throws Exception {
        assertEquals(
                "1000 ended well side by side\n1000 ended well by turns\n",
                output("ThousandGuests", guest("hello.hvt")));
    }

    @Test
    void shouldRunAgainAndAgain() throws Exception {
        assertEquals("OK\n", output("AgainAndAgain", guest("hello.hvt"), "100"));
    }

    @Test
    void shouldStopAGuest() throws Exception {
        assertEquals("spinning\nguest stopped\n", output("Cancel", guest("spin.hvt")));
    }

    @Test
    void shouldTestGuests(@TempDir Path compiled) throws Exception {
        Newcomer.compile(
                TEST, compiled, Newcomer.classPath(Unikernel.class, Test.class, API.class));
        URL[] place = {compiled.toUri().toURL()};
        try (URLClassLoader loader = new URLClassLoader(place, getClass().getClassLoader())) {
            EngineTestKit.engine("junit-jupiter")
                    .selectors(selectClass(loader.loadClass("examples.UnikernelExampleTest")))
                    .execute()
                    .testEvents()
                    .assertStatistics(count -> count.started(2).succeeded(2));
        }
    }
}
