package jukvm.tests.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jukvm.tests.support.Command;
import jukvm.tests.support.DaemonFixture;
import jukvm.tests.support.Guests;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Running;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** No output destroys an input, or another output, whatever leads to the file. */
@RequiresKvm
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class OutputsIT {
    // Runs a command; says how it ended, and whether the guest or its disk has changed.
    private static final String TRY =
            "tried() { (eval \"$1\") 2>&1; echo \"$?\"; cmp disk was && cmp g.hvt $G/block.hvt; }; ";

    private Path folder = Path.of("");
    private DaemonFixture fixture;

    /** A command that is refused, and what it says. */
    private record Refused(String command, String says) {}

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        this.folder = folder;
        fixture = DaemonFixture.resident();
        byte[] disk = new byte[1 << 16];
        disk[100] = 1;
        Files.write(folder.resolve("disk"), disk);
        Files.write(folder.resolve("was"), disk);
        Files.copy(Guests.prebuilt("block.hvt"), folder.resolve("g.hvt"));
        Files.createSymbolicLink(folder.resolve("link"), Path.of("disk"));
        Files.createLink(folder.resolve("hard"), folder.resolve("disk"));
    }

    private static Refused disk(String command, String what) {
        return new Refused(command, what + ": is the same file as --disk; name another");
    }

    private static Refused guest(String command, String what) {
        return new Refused(command, what + ": is the same file as the guest; name another");
    }

    private static final List<Refused> RUNS =
            List.of(
                    disk("$J run --report=disk --disk=disk g.hvt", "jukvm: --report: disk"),
                    disk("$J run --report=disk --disk=hard:ro g.hvt", "jukvm: --report: disk"),
                    disk("$J run --report=link --disk=disk g.hvt", "jukvm: --report: link"),
                    disk("$J run --report=hard --disk=link g.hvt", "jukvm: --report: hard"),
                    disk("$J run --report=disk --disk=disk missing", "jukvm: --report: disk"),
                    disk(
                            "$J run --report=/dev/fd/3 --disk=disk g.hvt 3<>disk",
                            "jukvm: --report: /dev/fd/3"),
                    disk(
                            "$J run --report=disk --disk=/dev/fd/3 g.hvt 3<>disk",
                            "jukvm: --report: disk"),
                    disk("$J run --disk=disk g.hvt 2>&1 >>disk", "jukvm: standard output"),
                    guest("$J run --report=g.hvt g.hvt", "jukvm: --report: g.hvt"),
                    guest("$J run --disk=disk g.hvt 2>&1 >>g.hvt", "jukvm: standard output"),
                    new Refused("$J run --disk=disk g.hvt 2>>disk", ""),
                    new Refused(
                            "$J run --report=disk g.hvt <disk",
                            "jukvm: --report: disk: is the same file as standard input; name"
                                    + " another"),
                    new Refused(
                            "$J run --report=x --disk=disk g.hvt 2>&1 >x; cat x; rm x",
                            "jukvm: --report: x: is the same file as standard output; name another"),
                    new Refused(
                            "$J run --report=/dev/stdout --disk=disk g.hvt 2>&1 >x; cat x; rm x",
                            "jukvm: --report: /dev/stdout: is the same file as standard output;"
                                    + " name another"),
                    new Refused(
                            "$S --block:storage=disk g.hvt 2>&1 >>disk",
                            "solo5-hvt: standard output: is the same file as --block:storage; name"
                                    + " another"),
                    new Refused("$S --block:storage=disk g.hvt 2>>g.hvt", ""));

    private String script(List<Refused> refused) {
        StringBuilder script = new StringBuilder("cd '" + folder + "'; " + TRY);
        // As the standard output that a command has before it is redirected.
        refused.forEach(each -> script.append("tried '" + each.command + "';"));
        return script.toString();
    }

    private static String expected(List<Refused> refused) {
        StringBuilder expected = new StringBuilder();
        for (Refused each : refused) {
            expected.append(each.says.isEmpty() ? "" : each.says + "\n");
            expected.append(each.command.endsWith("rm x") ? "0\n" : "1\n");
        }
        return expected.toString();
    }

    @Test
    void shouldRefuseToRunWhereAnInputWouldBeLost() throws Exception {
        Command cold = fixture.cold(script(RUNS));
        assertEquals(new Command(0, expected(RUNS), ""), cold);
        long before = fixture.idle().served();
        assertEquals(cold, fixture.shell(script(RUNS)));
        assertEquals(before + RUNS.size(), fixture.idle().served());
    }

    @Test
    void shouldRefuseToPrintIntoWhatItReads() throws Exception {
        List<Refused> others =
                List.of(
                        guest("$J inspect g.hvt 2>&1 >>g.hvt", "jukvm: standard output"),
                        new Refused(
                                "$J elftool query-abi g.hvt 2>&1 >>g.hvt",
                                "jukvm elftool: standard output: is the same file as g.hvt; name"
                                        + " another"));
        assertEquals(new Command(0, expected(others), ""), fixture.cold(script(others)));
    }

    // Which holds a lock on it.
    @Test
    void shouldNotWriteOverTheDiskOfAnotherGuest() throws Exception {
        Path disk = folder.resolve("other");
        Files.write(disk, new byte[1 << 16]);
        String guest = Guests.prebuilt("block.hvt").toString();
        try (Running other =
                Running.start("run", "--deadline=60s", "--disk=" + disk, guest, "exits 99999999")) {
            other.awaitLine("storage: 65536 bytes in blocks of 512");
            Command run = Command.run("run", "--report=" + disk, guest);
            assertTrue(
                    run.stderr()
                            .endsWith(
                                    "--report: cannot write: "
                                            + disk
                                            + " (is in use by pid "
                                            + other.pid()
                                            + " (java))\n"),
                    run.stderr());
            assertEquals(1, run.status());
            assertTrue(other.isAlive());
        }
        assertEquals(1 << 16, Files.size(disk));
    }

    @Test
    void shouldStillReplaceAReport() throws Exception {
        Path report = folder.resolve("report");
        Files.write(report, new byte[1 << 16]);
        Command run =
                Command.run(
                        "run", "--report=" + report, Guests.prebuilt("hello.hvt").toString(), "a");
        assertEquals(0, run.status(), run::toString);
        assertEquals("exited", CommandIT.read(report).get("/outcome/kind"));
    }
}
