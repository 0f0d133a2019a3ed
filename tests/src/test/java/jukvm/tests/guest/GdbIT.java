package jukvm.tests.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jukvm.tests.support.BackgroundCommand;
import jukvm.tests.support.Command;
import jukvm.tests.support.DaemonFixture;
import jukvm.tests.support.DebugGuests;
import jukvm.tests.support.GdbPeer;
import jukvm.tests.support.Guests;
import jukvm.tests.support.Patience;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.RequiresProgram;
import jukvm.tests.support.Soak;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** gdb on guests that have symbols, at both rings. */
@RequiresKvm
@RequiresProgram(
        value = {"gdb", "gcc", "make"},
        byRoot = false)
final class GdbIT {
    private static final Duration LONG = Patience.of(Duration.ofMinutes(10));
    private static final String[] DIALECTS = {"hvt", "v1.hvt", "v03.ukvm", "ukvm"};

    @TempDir private static Path folder = Path.of("");

    @BeforeAll
    static void buildWithSymbols() throws Exception {
        List<String> guests = new ArrayList<>(List.of("milestones.hvt"));
        Stream.of(DIALECTS).map(name -> "hello." + name).forEach(guests::add);
        DebugGuests.build(folder, guests);
    }

    @ParameterizedTest
    @CsvSource({
        "3, hvt",
        "3, v1.hvt",
        "3, v03.ukvm",
        "3, ukvm",
        "0, hvt",
        "0, v1.hvt",
        "0, v03.ukvm",
        "0, ukvm"
    })
    void shouldBreakStepWatchAndFinish(int ring, String dialect) throws Exception {
        Path guest = folder.resolve("hello." + dialect);
        Path socket = folder.resolve(ring + dialect);
        String line = "$J run --ring=" + ring + " --gdb=unix:" + socket + " " + guest + " hi";
        Path script = folder.resolve(ring + dialect + ".gdb");
        try (BackgroundCommand run = DaemonFixture.resident().begin(line)) {
            assertEquals(socket.toString(), GdbPeer.place(run));
            assertEquals(
                    "rw-------",
                    PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
            Files.writeString(
                    script,
                    """
                    set pagination off
                    set confirm off
                    target remote %s
                    hbreak guest_main
                    continue
                    printf "at 0x%%lx\\n", $pc
                    set var $from = $pc
                    stepi
                    printf "stepped %%d\\n", $pc > $from
                    delete
                    break command_line
                    continue
                    bt 2
                    finish
                    delete
                    set var $was = $rbx
                    set var $rbx = 0x1234
                    printf "rbx 0x%%lx xmm %%d\\n", $rbx, $xmm1.v4_int32[0]
                    set var $rbx = $was
                    watch line.used
                    continue
                    delete
                    continue
                    """
                            .formatted(socket));
            Command gdb = DebugGuests.gdb("-x", script.toString(), guest.toString());
            String said = gdb.stdout();
            String all = gdb.toString() + run.errors();
            assertTrue(said.contains("stepped 1"), all);
            assertTrue(said.contains("#1 ") && said.contains("in guest_main"), all);
            assertTrue(said.contains("Value returned is"), all);
            assertTrue(said.contains("rbx 0x1234 xmm 0"), all);
            assertTrue(said.contains("New value = "), all);
            assertTrue(said.contains("exited normally"), all);
            assertTrue(run.await().stdout().contains("command line: hi"), all);
        }
    }

    @ParameterizedTest
    @CsvSource({"3, hvt", "0, hvt", "3, ukvm"})
    void shouldFindBackwardsWhoWroteAVariable(int ring, String dialect) throws Exception {
        Path guest = folder.resolve("hello." + dialect);
        String name = "back" + ring + dialect;
        Path socket = folder.resolve(name);
        String recording = folder.resolve(name + ".rec").toString();
        String record = "$J run --ring=" + ring + " --record=" + recording + " " + guest + " hi";
        Command recorded = DaemonFixture.quick(record);
        assertTrue(recorded.stdout().endsWith("command line: hi\n"), recorded.toString());
        String line = "$J replay --gdb=unix:" + socket + " " + recording;
        Path script = folder.resolve(name + ".gdb");
        try (BackgroundCommand run = DaemonFixture.resident().begin(line)) {
            assertEquals(socket.toString(), GdbPeer.place(run));
            Files.writeString(
                    script,
                    """
                    set pagination off
                    set confirm off
                    set remotetimeout 120
                    target remote %s
                    break guest_main
                    continue
                    next
                    set var $used = &line.used
                    delete
                    continue
                    watch *$used
                    reverse-continue
                    reverse-continue
                    delete
                    reverse-continue
                    printf "at the start 0x%%lx\\n", $pc
                    continue
                    continue
                    """
                            .formatted(socket));
            Command gdb = DebugGuests.gdb("-x", script.toString(), guest.toString());
            String said = gdb.stdout();
            String all = gdb.toString() + run.errors();
            assertTrue(said.contains("No more reverse-execution history."), all);
            assertTrue(said.contains("Old value = "), all);
            assertTrue(said.contains("line->used += size;"), all);
            assertTrue(said.contains("at the start 0x100000"), all);
            assertTrue(said.contains("exited normally"), all);
            assertEquals(recorded.stdout(), run.await().stdout());
        }
    }

    /** The hunt of the page, by its own commands. */
    @ParameterizedTest
    @CsvSource({"3, 20000", "0, 1000"})
    void shouldHuntAsThePageShows(int ring, int calls) throws Exception {
        String page = Files.readString(Guests.ROOT.resolve("docs/debugging.md"));
        String hunt = page.substring(page.indexOf("### A hunt"), page.indexOf("## Cores"));
        String commands =
                hunt.lines()
                        .filter(line -> line.startsWith("    (gdb) "))
                        .map(line -> line.substring("    (gdb) ".length()))
                        .collect(Collectors.joining("\n"));
        String said = hunt(ring, calls, commands);
        List<String> shown = new ArrayList<>();
        Pattern.compile("```\n(.*?)```", Pattern.DOTALL)
                .matcher(hunt.replace("20000", "" + calls))
                .results()
                .flatMap(block -> block.group(1).lines())
                .filter(line -> !line.matches(".*\\d{9}.*")) // The time of day.
                .forEach(shown::add);
        assertTrue(shown.size() > 5, hunt);
        for (String line : shown) {
            assertTrue(spaced(said).contains(spaced(line)), line + ", but: " + said);
        }
    }

    private static String spaced(String text) {
        return text.replaceAll("\\s+", " ");
    }

    /**
     * In the suite the run is short; as a soak it has a million events, and how long it took to
     * find the write is printed.
     */
    @Soak
    @Test
    void shouldFindTheWriteInALongRun() throws Exception {
        int calls = Soak.LONG ? 1_000_000 : 5_000;
        Path time = folder.resolve("time");
        String watch = "continue\nwatch work.calls\nshell date +%s%N >" + time + "\n";
        String found = "reverse-continue\nshell date +%s%N >>" + time + "\nbacktrace 1\n";
        String said = hunt(3, calls, "target remote 127.0.0.1:1234\n" + watch + found);
        assertTrue(said.contains("work.at[part - 1] = now;"), said);
        List<String> times = Files.readAllLines(time);
        long nanos = Long.parseLong(times.get(1)) - Long.parseLong(times.get(0));
        System.out.printf("a write found in a run of %d events: %d ms%n", calls, nanos / 1_000_000);
        assertTrue(nanos < Command.PATIENCE.toNanos(), "a search that took " + nanos + " ns");
    }

    // Returns what gdb says of a guest that was recorded.
    private static String hunt(int ring, int calls, String commands) throws Exception {
        String name = "hunt" + ring + "." + calls;
        Path recording = folder.resolve(name + ".rec");
        Path guest = folder.resolve("milestones.hvt");
        String words = " --record=" + recording + " " + guest + " calls=" + calls;
        Command recorded =
                Command.program(
                        LONG,
                        DaemonFixture.resident().environment("auto"),
                        "sh",
                        "-c",
                        "$J run --ring=" + ring + words);
        assertTrue(recorded.stdout().contains("lost count of the calls"), recorded.toString());
        Path socket = folder.resolve(name);
        Path script = folder.resolve(name + ".gdb");
        String set = "set pagination off\nset confirm off\nset remotetimeout 120\n";
        Files.writeString(script, set + commands.replace("127.0.0.1:1234", socket.toString()));
        String line = "$J replay " + recording + " --gdb=unix:" + socket;
        try (BackgroundCommand run = DaemonFixture.resident().begin(line)) {
            assertEquals(socket.toString(), GdbPeer.place(run));
            Command gdb = DebugGuests.gdb(LONG, "-x", script.toString(), guest.toString());
            assertEquals(1, run.await().status());
            return gdb.stdout() + gdb.stderr();
        } finally {
            Files.delete(recording);
        }
    }
}
