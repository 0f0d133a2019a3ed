package jukvm.tests.container;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import jukvm.tests.support.BackgroundCommand;
import jukvm.tests.support.Command;
import jukvm.tests.support.LoadedClasses;
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
@RequiresProgram({"runc", "crun"})
final class RuncIT {
    private static final int KILLS = 10;

    @TempDir Path folder;

    private RuncBundle bundle;

    @BeforeEach
    void makeBundle() throws Exception {
        bundle = new RuncBundle(folder, List.of("hello.hvt", "fault.hvt", "block.hvt"));
    }

    @AfterEach
    void removeContainer() throws Exception {
        bundle.remove();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '~',
            value = {
                "~\"/hello.hvt\",\"{env:TERM}\",\"{hostname}\",\"{x}\"~, 0, command line: xterm"
                        + " runc {x}",
                "~\"./hello.hvt\",\"exit=77\"~, 77, command line: exit=77",
                "~\"/fault.hvt\"~, 255, ABORT: unhandled exception #PF"
            })
    void shouldRunGuests(String args, int status, String last) throws Exception {
        bundle.configure(args);
        Command run = bundle.run();
        assertEquals(status, run.status(), run::toString);
        assertTrue(run.stdout().endsWith(last + "\n"), run::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"runc", "crun"})
    void shouldGiveAGuestTheDiskThatItDeclares(String lowLevel) throws Exception {
        Path disk = folder.resolve("disk");
        Files.write(disk, new byte[1 << 20]);
        bundle.configure("\"/block.hvt\"");
        bundle.mount(disk, "/jukvm/block/storage", "rw");
        try (BackgroundCommand container = bundle.start(lowLevel)) {
            Command run = container.await();
            assertEquals(0, run.status(), run::toString);
        }
        byte[] written = Files.readAllBytes(disk);
        assertFalse(Arrays.equals(new byte[1 << 20], written));
        bundle.configure("\"/block.hvt\",\"ro\"");
        bundle.mount(disk, "/jukvm/block/storage", "ro");
        Command run = bundle.run();
        assertEquals(0, run.status(), run::toString);
        assertTrue(run.stderr().contains("the device is read-only"), run::toString);
        assertArrayEquals(written, Files.readAllBytes(disk));
    }

    @Test
    void shouldHaveItsClassesReady() throws Exception {
        bundle.configure("\"/hello.hvt\"");
        Path log = folder.resolve("classes");
        String create = " exec \"$R\" --low-level=true create --bundle \"$B\" $ID";
        Command run = bundle.sh(LoadedClasses.into(log) + create);
        assertEquals(0, run.status(), run::toString);
        LoadedClasses.assertReady(log);
    }

    @Test
    void shouldNotLookForADiskOutsideTheContainer() throws Exception {
        bundle.assertFindsNoDiskOutside(folder);
    }

    @Test
    void shouldPassOnAllElse() throws Exception {
        bundle.configure("\"/missing\"");
        String config = Files.readString(bundle.config);
        Command ours = bundle.run();
        Command theirs = bundle.sh("exec runc run --bundle \"$B\" $ID");
        assertEquals(theirs.status(), ours.status());
        assertTrue(ours.stderr().contains("/missing: no such file"), ours::toString);
        assertEquals(config, Files.readString(bundle.config));
        assertTrue(Files.notExists(bundle.folder.resolve("jukvm-root")));
        for (String words : List.of("--version", "state nobody", "nonsense", "")) {
            Command passed = bundle.sh("exec \"$R\" " + words);
            Command plain = bundle.sh("exec runc " + words);
            assertEquals(plain.status(), passed.status(), words);
            assertEquals(plain.stdout(), passed.stdout(), words);
        }
        assertEquals(
                "--x --low-level=y\n",
                bundle.sh("exec \"$R\" --low-level=echo --x --low-level=y").stdout());
    }

    @ParameterizedTest
    @ValueSource(strings = {"json", "text"})
    void shouldSayWhyInTheLogOfTheEngine(String format) throws Exception {
        bundle.configure("\"/hello.hvt\",\"{env:NONE} \\\" \"");
        Path log = folder.resolve("log");
        Command run =
                bundle.sh(
                        "exec \"$R\" --log "
                                + log
                                + " --log-format "
                                + format
                                + " create -b \"$B\" $ID");
        assertEquals(1, run.status(), run::toString);
        String said = Files.readString(log);
        assertTrue(said.contains("has no variable NONE"), said);
        assertTrue(said.startsWith(format.equals("json") ? "{\"level\":\"error\"" : "time="), said);
        assertTrue(Files.notExists(bundle.folder.resolve("jukvm-root")));
    }

    @Test
    void shouldRefuseToExecuteProgramsBesideAGuest() throws Exception {
        bundle.configure("\"/hello.hvt\"");
        Command created =
                bundle.sh(
                        "\"$R\" create -b \"$B\" $ID </dev/null >/dev/null 2>&1 && \"$R\" exec $ID"
                                + " sh");
        assertEquals(1, created.status(), created::toString);
        assertTrue(created.stderr().contains("has no programs"), created::toString);
    }

    @Test
    void shouldLeaveNothingIfKilledAtAnyMoment() throws Exception {
        bundle.configure("\"/hello.hvt\"");
        String config = Files.readString(bundle.config);
        for (int i = 0; i < KILLS; i++) {
            Files.writeString(bundle.config, config);
            bundle.killAfter(i * 40L);
            bundle.remove();
            String found = Files.readString(bundle.config);
            assertTrue(found.equals(config) || found.contains("/image/hello.hvt"), found);
            bundle.assertNothingIsLeft();
        }
    }
}
