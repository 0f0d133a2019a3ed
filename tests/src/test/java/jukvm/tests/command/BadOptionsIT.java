package jukvm.tests.command;

import static jukvm.tests.support.Refusal.row;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import jukvm.error.ConfigException;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.tests.support.Bent;
import jukvm.tests.support.Command;
import jukvm.tests.support.Guests;
import jukvm.tests.support.Refusal;
import jukvm.tests.support.RequiresKvm;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Options and arguments that mean nothing. */
@RequiresKvm
final class BadOptionsIT {
    private static final String HELLO = Guests.prebuilt("hello.hvt").toString();
    private static final String LEGACY = Guests.prebuilt("hello.ukvm").toString();

    @TempDir private static Path folder;

    @BeforeAll
    static void makeFiles() throws Exception {
        Bent.prebuilt("hello.hvt")
                .programHeader(Bent.PT_LOAD, 40, 20 << 20) // p_memsz
                .write(folder.resolve("large.hvt"));
    }

    static Stream<Refusal> memory() {
        return Stream.of(
                mem("0", "must be at least 1 MiB, not 0"),
                mem("00", "must be at least 1 MiB, not 0"),
                mem("-1", "'-1' is not a whole number of MiB, 1 to 4096"),
                mem("+1", "'+1' is not a whole number of MiB"),
                mem("1e3", "'1e3' is not a whole number of MiB"),
                mem("1.5", "'1.5' is not a whole number of MiB"),
                mem("0x10", "'0x10' is not a whole number of MiB"),
                mem("512M", "'512M' is not a whole number of MiB"),
                mem(" 8", "' 8' is not a whole number of MiB"),
                mem("", "'' is not a whole number of MiB"),
                mem("4097", "guest memory size 4296015872 bytes exceeds the max", "4294967296"),
                mem("17592186044416", "exceeds the max size 4294967296 bytes (4096 MiB)"),
                mem("9".repeat(20), "exceeds the max size 4294967296 bytes (4096 MiB)"),
                row(List.of("run", "--mem"), "--mem"),
                row(List.of("run", "--mem", HELLO), HELLO + "' is not a whole number of"),
                row(List.of("run", "--mem=2048", LEGACY), "2048 MiB", "1024 MiB", "--mem"),
                row(
                        List.of("run", "--mem=16", "large.hvt"),
                        "guest needs 22 MiB of memory (image up to 0x",
                        "it is given 16 MiB; raise --mem"));
    }

    private static Refusal mem(String value, String... facts) {
        return row(List.of("run", "--mem=" + value, HELLO), facts);
    }

    static Stream<Refusal> words() {
        return Stream.of(
                row(List.of("run", HELLO, "x".repeat(8192)), "too long: 8192", "max=8191"),
                row(List.of("run", HELLO, "x".repeat(8000), "y".repeat(191)), "8192"),
                row(List.of("run", HELLO, "\u00fc".repeat(4096)), "8192", "8191"),
                row(List.of("run", LEGACY, "x".repeat(8192)), "8192", "8191"),
                row(List.of(), "Missing COMMAND. See jukvm --help."),
                row(List.of("rum", HELLO), "'rum'. Did you mean run?"),
                row(List.of("help"), "Did you mean --help?"),
                row(List.of(HELLO), "Did you mean jukvm run " + HELLO + "?"),
                row(List.of("--mem=3", "run", HELLO), "an option of run: jukvm run --mem=3"),
                row(List.of("inspect"), "GUEST"),
                row(List.of("inspect", HELLO, "x"), "Unexpected argument 'x'"),
                row(List.of("run"), "GUEST", "See jukvm run --help."),
                row(List.of("run", "--"), "GUEST"),
                row(List.of("run", "--mem=8"), "GUEST"),
                row(List.of("run", ""), "'' is not the name of a file"),
                row(List.of("run", "--", "--mem=8"), "--mem=8: cannot open: ENOENT"),
                row(List.of("run", "--mem=2", "--mem=4", HELLO), "--mem", "once"),
                row(List.of("run", "--block:a=x", "--block:a=y", HELLO), "given twice"),
                row(List.of("run", "--net:a=x", "--net:a=y", HELLO), "is given twice"),
                unknown("--rings=3", "--ring"),
                unknown("--mme=3", "--mem"),
                unknown("--Mem=3", "--mem"),
                unknown("--memory=3", "--mem"),
                unknown("-m", "--mem"),
                unknown("--dead=1s", "--deadline"),
                unknown("--reprot=x", "--report"),
                unknown("--blok:a=x", "--block:NAME=PATH[:ro]"),
                unknown("-block:a=x", "--block:NAME=PATH[:ro]"),
                unknown("--block-size:a=512", "--block-sector-size:NAME=BYTES"),
                unknown("--nte:a=tap0", "--net:NAME=TAP"),
                unknown("--dsk=x", "--disk=PATH[:ro]"),
                row(List.of("run", "-x", HELLO), "Unknown option: '-x'. See"),
                row(List.of("run", "--frobnicate", HELLO), "'--frobnicate'. See jukvm run"),
                row(List.of("run", "--ring", "1", HELLO), "'1' is not auto, 0 or 3"),
                row(List.of("run", "--ring", "4", HELLO), "'4' is not auto, 0 or 3"),
                row(List.of("run", "--sandbox=no", HELLO), "'no' is not on, off, log or strict"),
                row(List.of("run", "--isolation=no", HELLO), "'no' is not thread or process"),
                row(List.of("run", "--time=yes", HELLO), "'yes' is not a boolean"),
                row(List.of("run", "--dialect=hvt", HELLO), "'hvt' is not ukvm-0.2"),
                row(List.of("run", "--dialect=ukvm-0.2", HELLO), "'hvt 2' and cannot run"));
    }

    private static Refusal unknown(String option, String meant) {
        return row(
                List.of("run", option, HELLO),
                "Unknown option: '" + option + "'. Did you mean " + meant);
    }

    static Stream<Refusal> values() {
        return Stream.of(
                row(List.of("run", "--report", "/none/r", HELLO), "/none/r", "--report"),
                row(List.of("run", "--report=.", HELLO), "--report: cannot write: ."),
                row(List.of("run", "--report=large.hvt/r", HELLO), "Not a directory"),
                row(List.of("run", "--report=", HELLO), "'' is not the name of a file"),
                row(List.of("run", "--gdb=x", HELLO), "gdb: 'x' is not [ADDRESS:]PORT"),
                row(List.of("run", "--gdb=70000", HELLO), "'70000' is not [ADDRESS:]PORT"),
                row(List.of("run", "--gdb", "--gdb-on-fault", HELLO), "waits for --gdb at its"),
                row(List.of("run", "--gdb-on-fault=y", HELLO), "gdb: 'y' is not [ADDRESS:]PORT"),
                row(List.of("run", "--profile=9", HELLO), "'9' is not HZ,FILE, as in"),
                row(List.of("run", "--profile=0,f", HELLO), "0 samples a second, need 1 to 10000"),
                row(List.of("run", "--profile=5,/none/f", HELLO), "--profile: cannot write: /none"),
                row(List.of("run", "--gdb=0", "--profile=5,f", HELLO), "under gdb is not profiled"),
                row(List.of("run", "--dumpcore=/none", HELLO), "core dumps: cannot write to /none"),
                row(List.of("run", "--dumpcore=large.hvt", HELLO), "ENOTDIR (Not a directory)"),
                row(List.of("run", "--gdb=unix:/none/s", HELLO), "gdb: cannot listen at unix:"),
                row(List.of("run", "--trace=", HELLO), "'' is not the name of a file"),
                row(List.of("run", "--trace=/none/t", HELLO), "--trace: cannot write: /none/t"),
                row(List.of("run", "--trace", "--trace-calls=blk", HELLO), "'blk' is none of"),
                row(List.of("run", "--trace-calls=", HELLO), "'' is none of walltime, puts"),
                row(List.of("run", "--trace-summary", HELLO), "--trace-summary: give --trace"),
                row(List.of("run", "--deadline", "0s", HELLO), "'0s' is not longer than"),
                row(List.of("run", "--deadline", "-1s", HELLO), "'-1s' is not a duration"),
                row(List.of("run", "--deadline", "1e30", HELLO), "'1e30'"),
                row(List.of("run", "--deadline", "1e30s", HELLO), "'1e30s'"),
                row(List.of("run", "--deadline", "NaNs", HELLO), "'NaNs'"),
                row(List.of("run", "--deadline", "9".repeat(18) + "h", HELLO), "a year"),
                row(List.of("run", "--deadline", "5", HELLO), "'5'", "200ms, 1.5s, 2m"),
                row(List.of("run", "--deadline", "", HELLO), "''", "200ms, 1.5s, 2m"),
                row(List.of("run", "--deadline"), "--deadline"));
    }

    @ParameterizedTest
    @MethodSource({"memory", "words", "values"})
    void shouldSayWhatIsWrongInOneLine(Refusal refusal) throws Exception {
        refusal.assertHere(folder);
    }

    static Stream<Refusal> first() {
        return Stream.of(memory(), words(), values()).flatMap(rows -> rows.limit(1));
    }

    @ParameterizedTest
    @MethodSource("first")
    void shouldSayItFromAProcessOfItsOwn(Refusal refusal) throws Exception {
        refusal.assertIn(folder);
    }

    // No process can be started with one in its arguments.
    @Test
    void shouldRefuseAZeroByteFromALibrarysUser() {
        try (Monitor monitor = Monitor.open()) {
            GuestImage image = GuestImage.read(Path.of(HELLO));
            GuestSpec guest = GuestSpec.of(image).arguments("a", "b\0c");
            ConfigException e = assertThrows(ConfigException.class, () -> monitor.check(guest));
            assertTrue(e.getMessage().contains("contains a zero byte"), e.getMessage());
        }
    }

    @Test
    void shouldTakeTheLongestCommandLine() throws Exception {
        String longest = "x".repeat(8191);
        Command run = Command.run("run", HELLO, longest);
        assertTrue(run.stdout().endsWith("command line: " + longest + "\n"), run.stdout());
        assertEquals(0, run.status());
    }

    @ParameterizedTest
    @CsvSource({"--mem=8 -- HELLO -- x, '-- x'", "-- HELLO --mem=0, --mem=0", "HELLO -V, -V"})
    void shouldEndOptionsAtTheGuest(String line, String arguments) throws Exception {
        Command run = Command.run(("run " + line.replace("HELLO", HELLO)).split(" ", -1));
        assertEquals("", run.stderr());
        assertTrue(run.stdout().endsWith("command line: " + arguments + "\n"), run.stdout());
        assertEquals(0, run.status());
    }

    @Test
    void shouldFitHelpIntoEightyColumns() {
        for (String command :
                List.of("", "run", "snapshot", "replay", "inspect", "doctor", "elftool")) {
            Command help = Command.here(folder, (command + " --help").trim().split(" ", -1));
            assertEquals(0, help.status());
            assertEquals("", help.stderr());
            boolean footer = false;
            for (String line : help.stdout().lines().toList()) {
                assertTrue(line.length() <= 80, line);
                footer |= line.startsWith("Devices,");
                assertTrue(
                        !footer || line.matches("Devices,.*|( {6}| {28})\\S.*| {30}\\S.*"), line);
            }
        }
    }
}
