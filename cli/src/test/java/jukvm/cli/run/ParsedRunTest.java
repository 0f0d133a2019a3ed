package jukvm.cli.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jukvm.cli.RefusedInvoker;
import jukvm.cli.device.DeclaredImage;
import jukvm.cli.invoker.IsolationMode;
import jukvm.cli.invoker.Outputs;
import jukvm.cli.solo5.Solo5Hvt;
import jukvm.error.HostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ParsedRunTest {
    @TempDir private Path dir = Path.of("");

    private final RefusedInvoker invoker = new RefusedInvoker();
    private final RunParser line = new RunParser();

    private Optional<ParsedRun> parse(String... args) {
        Optional<ParsedRun> run = line.parse(args, invoker);
        assertEquals("", invoker.told());
        assertEquals(List.of(), invoker.opened());
        return run;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "run hello.hvt",
                "run -- hello.hvt",
                "run hello.hvt --help",
                "run --time --mem=64 --ring=3 --deadline=1s --report=r.json hello.hvt a b",
                "run --block:storage=disk.img:ro --net:service0=tap0 guest.hvt",
                "run --disk=disk.img --net=@7 guest.ukvm",
                "run --trace hello.hvt",
                "run --trace=calls.txt --trace-calls=block,puts --trace-summary hello.hvt",
                "run https://localhost/hello.hvt",
            })
    void shouldTakeWhatIsInOrder(String line) {
        assertFalse(parse(line.split(" ", -1)).orElseThrow().wantsOwnJvm());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "--help",
                "--version",
                "--time run hello.hvt",
                "hello.hvt",
                "inspect hello.hvt",
                "doctor",
                "elftool query-abi hello.hvt",
                "run",
                "run --help",
                "run -h hello.hvt",
                "run --time --version hello.hvt",
                "run --mem=lots hello.hvt",
                "run --mem hello.hvt",
                "run --mem=64 --mem=64 hello.hvt",
                "run --deadline=0s hello.hvt",
                "run --bogus hello.hvt",
                "run --block:storage=disk.img --blok:other=disk.img hello.hvt",
                "run --block:storage hello.hvt",
                "run --block-sector-size:storage=513 hello.hvt",
            })
    void shouldLeaveTheRestToWhoPrints(String line) {
        assertTrue(parse(line.split(" ", -1)).isEmpty());
        assertTrue(parse().isEmpty());
    }

    @Test
    void shouldTellThatNoDaemonIsWanted() {
        assertTrue(parse("run", "--no-daemon", "hello.hvt").orElseThrow().wantsOwnJvm());
        assertFalse(parse("run", "hello.hvt", "--no-daemon").orElseThrow().wantsOwnJvm());
    }

    @Test
    void shouldTellHowTheGuestIsToBeKeptApart() {
        assertEquals(Optional.empty(), parse("run", "hello.hvt").orElseThrow().isolation());
        ParsedRun apart = parse("run", "--isolation=process", "hello.hvt").orElseThrow();
        assertEquals(Optional.of(IsolationMode.PROCESS), apart.isolation());
        assertFalse(apart.needsThread());
        assertTrue(parse("run", "--dumpcore=.", "hello.hvt").orElseThrow().needsThread());
        assertTrue(parse("run", "--profile=9,p", "hello.hvt").orElseThrow().needsThread());
        assertEquals(Optional.empty(), parse("run", "hello.hvt").orElseThrow().isolation());
    }

    @Test
    void shouldReadTheImageForTheInvoker() throws Exception {
        Path guest = Files.createFile(dir.resolve("hello.hvt"));
        assertEquals(1, parse("run", "--mem=3", guest.toString()).orElseThrow().run());
        assertEquals(
                "jukvm: adjusting memory to 2097152 bytes"
                        + System.lineSeparator()
                        + "jukvm: "
                        + guest
                        + ": cannot open: EACCES (Permission denied)"
                        + System.lineSeparator(),
                invoker.told());
        assertEquals(List.of(guest.toString()), invoker.opened());
    }

    @Test
    void shouldWriteTheReportForTheInvoker() throws Exception {
        String file = dir.resolve("report.json").toString();
        assertEquals(1, parse("run", "--report", file, "hello.hvt").orElseThrow().run());
        assertEquals(
                "jukvm: --report: cannot write: "
                        + file
                        + " (Permission denied)"
                        + System.lineSeparator(),
                invoker.told());
        assertEquals(List.of(file), invoker.opened());
        assertTrue(Files.notExists(Path.of(file)));
    }

    @Test
    void shouldServeTheInvokerAsSolo5HvtToo() throws Exception {
        assertEquals(1, Solo5Hvt.run("solo5-hvt", new String[] {"hello.hvt"}, invoker));
        assertEquals(
                "solo5-hvt: hello.hvt: Could not open: EACCES (Permission denied)"
                        + System.lineSeparator(),
                invoker.told());
        assertEquals(List.of("hello.hvt"), invoker.opened());
    }

    @Test
    void shouldNeedTheInvokersAccessToKvm() {
        Outputs outputs = new Outputs(invoker, Optional.empty(), Map.of());
        Launch launch =
                new Launch(invoker, outputs, line -> {}, (outcome, bySignal) -> Optional.empty());
        HostException e =
                assertThrows(HostException.class, () -> launch.run(DeclaredImage.unmarked(), 0));
        assertTrue(e.getMessage().startsWith("/dev/kvm: open: EACCES"), e.getMessage());
        assertEquals(List.of("/dev/kvm"), invoker.opened());
    }
}
