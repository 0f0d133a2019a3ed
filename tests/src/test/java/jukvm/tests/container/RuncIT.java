package jukvm.tests.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import jukvm.tests.support.Command;
import jukvm.tests.support.Guests;
import jukvm.tests.support.Launcher;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.RequiresProgram;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The container runtime by itself, on bundles made by hand. */
@RequiresKvm
@RequiresProgram("runc")
final class RuncIT {
    private static final String SPEC_ARGS = "\"args\": \\[[^]]*\\]";
    private static final int KILLS = 10;

    @TempDir Path folder;

    private Path bundle;
    private String id;

    @BeforeEach
    void makeBundle() throws Exception {
        bundle = Files.createDirectory(folder.resolve("bundle"));
        Path root = Files.createDirectory(bundle.resolve("rootfs"));
        for (String guest : List.of("hello.hvt", "fault.hvt")) {
            Files.copy(Guests.prebuilt(guest), root.resolve(guest));
        }
        id = "jukvm-test-" + ProcessHandle.current().pid() + "-" + folder.getFileName();
    }

    @AfterEach
    void removeContainer() throws Exception {
        sh("runc delete --force " + id + " 2>/dev/null; true");
    }

    private Command sh(String script) throws Exception {
        Path runtime = Launcher.common().resolveSibling("jukvm-runtime");
        Map<String, String> environment =
                Map.of("R", runtime.toString(), "B", bundle.toString(), "ID", id);
        return Command.program(Command.PATIENCE, environment, "sh", "-c", script);
    }

    /** Writes runc's own configuration for a container with these arguments. */
    private void configure(String args) throws Exception {
        Files.deleteIfExists(bundle.resolve("config.json"));
        assertEquals(0, sh("cd \"$B\" && runc spec").status());
        String spec = Files.readString(bundle.resolve("config.json"));
        String made = spec.replace("\"terminal\": true", "\"terminal\": false");
        String with = "\"args\": [" + Matcher.quoteReplacement(args) + "]";
        Files.writeString(bundle.resolve("config.json"), made.replaceFirst(SPEC_ARGS, with));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '~',
            value = {
                "~\"/hello.hvt\",\"a\",\"{env:TERM}\"~, 0, command line: a xterm",
                "~\"./hello.hvt\",\"exit=77\"~, 77, command line: exit=77",
                "~\"/fault.hvt\"~, 255, ABORT: unhandled exception #PF"
            })
    void shouldRunGuests(String args, int status, String last) throws Exception {
        configure(args);
        Command run = sh("exec \"$R\" run --bundle \"$B\" $ID");
        assertEquals(status, run.status(), run::toString);
        assertTrue(run.stdout().endsWith(last + "\n"), run::toString);
    }

    @Test
    void shouldPassOnAllElse() throws Exception {
        configure("\"/missing\"");
        String config = Files.readString(bundle.resolve("config.json"));
        Command ours = sh("exec \"$R\" run --bundle \"$B\" $ID");
        Command theirs = sh("exec runc run --bundle \"$B\" $ID");
        assertEquals(theirs.status(), ours.status());
        assertTrue(ours.stderr().contains("/missing: no such file"), ours::toString);
        assertEquals(config, Files.readString(bundle.resolve("config.json")));
        assertTrue(Files.notExists(bundle.resolve("jukvm-root")));
        for (String words : List.of("--version", "state " + id, "nonsense", "")) {
            Command passed = sh("exec \"$R\" " + words);
            Command plain = sh("exec runc " + words);
            assertEquals(plain.status(), passed.status(), words);
            assertEquals(plain.stdout(), passed.stdout(), words);
        }
        assertEquals(
                "--x --low-level=y\n",
                sh("exec \"$R\" --low-level=echo --x --low-level=y").stdout());
    }

    @ParameterizedTest
    @ValueSource(strings = {"json", "text"})
    void shouldSayWhyInTheLogOfTheEngine(String format) throws Exception {
        configure("\"/hello.hvt\",\"{env:NONE} \\\" \"");
        Path log = folder.resolve("log");
        Command run =
                sh(
                        "exec \"$R\" --log "
                                + log
                                + " --log-format "
                                + format
                                + " create -b \"$B\" $ID");
        assertEquals(1, run.status(), run::toString);
        String said = Files.readString(log);
        assertTrue(said.contains("has no variable NONE"), said);
        assertTrue(said.startsWith(format.equals("json") ? "{\"level\":\"error\"" : "time="), said);
        assertTrue(Files.notExists(bundle.resolve("jukvm-root")));
    }

    @Test
    void shouldRefuseToExecuteProgramsBesideAGuest() throws Exception {
        configure("\"/hello.hvt\"");
        Command created =
                sh("\"$R\" create -b \"$B\" $ID </dev/null >/dev/null 2>&1 && \"$R\" exec $ID sh");
        assertEquals(1, created.status(), created::toString);
        assertTrue(created.stderr().contains("has no programs"), created::toString);
    }

    @Test
    void shouldLeaveNothingIfKilledAtAnyMoment() throws Exception {
        configure("\"/hello.hvt\"");
        String config = Files.readString(bundle.resolve("config.json"));
        for (int i = 0; i < KILLS; i++) {
            Files.writeString(bundle.resolve("config.json"), config);
            killAfter(i * 40L);
            sh("runc delete --force $ID");
            String found = Files.readString(bundle.resolve("config.json"));
            assertTrue(found.equals(config) || found.contains("/image/hello.hvt"), found);
            assertEquals("", sh("runc list -q | grep -x $ID").stdout());
            assertEquals("", sh("grep -F \"$B\" /proc/self/mountinfo").stdout());
        }
    }

    private void killAfter(long millis) throws IOException, InterruptedException {
        Path runtime = Launcher.common().resolveSibling("jukvm-runtime");
        Process create =
                Command.builder(List.of(runtime.toString(), "create", "-b", bundle.toString(), id))
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        if (!create.waitFor(millis, TimeUnit.MILLISECONDS)) {
            create.descendants().forEach(ProcessHandle::destroyForcibly);
            create.destroyForcibly();
        }
        create.waitFor();
    }
}
