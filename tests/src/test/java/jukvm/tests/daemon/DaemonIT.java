package jukvm.tests.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import jukvm.tests.support.Command;
import jukvm.tests.support.DaemonFixture;
import jukvm.tests.support.Launcher;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Together;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a command prints and how it ends is the same by the daemon as in a JVM of its own, byte for
 * byte. Each script runs both ways, in an empty folder.
 */
@RequiresKvm
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public final class DaemonIT {
    private DaemonFixture fixture;
    private Path work;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        fixture = DaemonFixture.common();
        work = folder;
        Launcher.withHello(() -> fixture.startDaemon()); // With which it warms up.
    }

    @AfterAll
    void stop() throws Exception {
        fixture.close();
    }

    private String inEmptyFolder(String name, String script) throws IOException {
        Path folder = work.resolve(name);
        Launcher.remove(folder);
        Files.createDirectory(folder);
        return "cd '" + folder + "'\n" + script;
    }

    /** Runs it both ways, at the same time; returns what came of it. */
    private Command same(String script, int served) throws Exception {
        long before = fixture.idle().served();
        Command[] runs = new Command[2];
        Together.run(
                () -> runs[0] = fixture.cold(inEmptyFolder("cold", script)),
                () -> runs[1] = fixture.shell(inEmptyFolder("warm", script)));
        Command cold = runs[0];
        assertEquals(withoutNumbers(cold), withoutNumbers(runs[1]));
        assertEquals(before + served, fixture.idle().served(), "runs that the daemon served");
        return withoutNumbers(cold);
    }

    private static Command withoutNumbers(Command run) {
        // Of what a guest does again and again as many lines are let through as it takes time.
        String stderr =
                run.stderr()
                        .replaceAll("pid \\d+", "pid N")
                        .replaceAll("(?m)(^.* the guest's write is refused\n)+", "$1")
                        .replaceAll("\\d+ more lines", "N more lines");
        return new Command(run.status(), run.stdout(), stderr);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "$J run $G/hello.hvt Hello '' --mem=3 --",
                "$J run $G/hello.v1.hvt a  b",
                "$J run $G/hello.v03.ukvm Hello",
                "$J run $G/hello.ukvm Hello",
                "$J run --dialect=ukvm-0.3 $G/hello.v03.ukvm",
                "$J run --dialect ukvm-0.2 $G/hello.v03.ukvm",
                "$J run --ring 0 $G/hello.hvt",
                "$J run --mem=2 -- $G/hello.hvt --mem=2",
                "$J run --mem=3 $G/hello.hvt",
                "$J run --mem=1 $G/hello.hvt",
                "$J run $G/hello.hvt exit=42",
                "$J run $G/hello.hvt exit=-1",
                "$J run $G/hello.hvt 'gr\u00fc\u00dfe \u20ac \ud83d\ude00'",
                "$J run $G/hello.hvt \"$(printf '\\377x')\"",
                "$J run \"$(printf 'no\\377')\"",
                "$J run $G/hello.hvt \"$(head -c 9000 /dev/zero | tr '\\0' x)\"",
                "$J run $G/fault.hvt",
                "$J run $G/fault.hvt divide",
                "$J run $G/write-text.hvt",
                "$J run --ring=3 $G/exec-data.hvt rodata",
                "$J run $G/exec-data.ukvm",
                "$J run --deadline=3s $G/spin.hvt",
                "$J run --deadline 3s --ring=0 $G/spin.ukvm",
                "$J run missing",
                "$J run ''",
                "$J run .",
                "$J run /dev/null",
                "$J run --report=nowhere/r.json $G/hello.hvt",
                "$J run --report=. $G/hello.hvt",
                "$J run --fetch-timeout=60s http://127.0.0.1:1/hello.hvt",
                "$J run $G/block.hvt",
                "$J run --block:other=d $G/block.hvt",
                "$J run --block:storage=d $G/block.hvt",
                "$J run --net:service0=none7 $G/echo.hvt",
                "$J run --net:service0=@77 $G/echo.hvt",
                "$J run --net:service0=@0 $G/echo.hvt",
                "$J run --net:service0=@8 $G/echo.hvt 8</dev/null",
                "$J run $G/echo.hvt --net:service0=none7",
                "$S $G/hello.hvt Hello '' --",
                "$S --mem=16 $G/hello.hvt exit=7",
                "$S $G/fault.hvt",
                "$S",
                "$S --help",
                "$S --version",
                "$S --bogus $G/hello.hvt",
                "$S --mem=x $G/hello.hvt",
                "$S --mem=3 $G/hello.hvt",
                "$S missing",
                "$S .",
                "$S $G/hello.ukvm",
                "$S $G/block.hvt",
                "$S --net:service0=none7 $G/echo.hvt",
                "$S --block:storage=d $G/block.hvt",
                "$S --no-net-ring -- $G/hello.hvt a",
                "$S.1 $G/hello.v1.hvt a",
                "$S.1 $G/hello.hvt a",
                "$S.2 -- $G/hello.hvt a",
                "$S.2 $G/hello.v1.hvt a",
                "$S.2 $G/hello.ukvm a",
                "$S.1 --version",
                "$S.2 --help",
                "$S -",
                "$J run --no-net-ring -- $G/hello.hvt a",
            })
    void shouldSayTheSame(String line) throws Exception {
        same(line, 1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "head -c 300 $G/hello.hvt >cut; $J run cut",
                "head -c 20000 /dev/urandom >/dev/null; echo text >text; $J run text",
                "cp $G/hello.hvt no; chmod 0 no; $J run no 2>&1 | tail -c 50",
                "mkdir sub; cp $G/hello.hvt here; cd sub; $J run ../here a",
                "mkdir sub; cp $G/hello.hvt sub/x; ln -s sub/x link; $J run ./link a",
                "cp $G/hello.hvt 'a b  \u00e9'; $J run 'a b  \u00e9' a",
                "cp $G/hello.hvt a; $J run .//a",
                "n=$(printf 'n\\377'); cp $G/hello.hvt \"$n\"; $J run \"$n\"",
                "$J run /dev/stdin <$G/hello.hvt",
                "$J run /proc/self/fd/7 7<$G/hello.hvt",
                "cat $G/hello.hvt | $J run /dev/stdin",
                "cat $G/hello.hvt | $J run - a",
                "$J run --mem=16 -- - a <$G/hello.hvt",
                "(head -c 64 >/dev/null; $J run -) <$G/hello.hvt",
                "gzip -nc $G/hello.hvt | $J run - a",
                "gzip -nc $G/hello.hvt >z; $J run z a",
                "gzip -nc $G/hello.hvt | head -c 200 >z; $J run z a",
                "(gzip -nc $G/hello.hvt; echo) | $J run - a",
                "gzip -nc $G/hello.v1.hvt >z; $S z a",
                "head -c 2M /dev/zero | gzip | $J run --fetch-limit=1 -",
                "yes | $J run --fetch-limit=1 -",
                "$J run - <.",
                "$J run - <&-",
                "$J run - </dev/null",
                "mkfifo f; $J run --deadline=1s --report=r - <>f; grep kind r",
                "mkfifo f; timeout -s TERM 2 $J run --report=r - <>f; echo $?; grep kind r",
                "mkfifo f; $J run f",
                "$J run $G/hello.hvt >/dev/full",
                "$J run $G/hello.hvt >&-",
                "$J run missing 2>&-",
                "$J run missing 2>/dev/full",
                "$J run $G/hello.hvt <&-",
                "$J run $G/hello.hvt <&- >&- 2>&-",
                "x=$(head -c 7000 /dev/zero | tr '\\0' x); $J run $G/hello.hvt $x 2>&- | head -c 5",
                "$J run $G/hello.hvt 2>&1 >out 3>&1; cat out",
                "umask 077; $J run --report=r $G/hello.hvt; stat -c '%a %F' r",
                "umask 022; $J run --report=r $G/hello.hvt; stat -c '%a %F' r; tr -d 0-9 <r | wc -l",
                "echo old >r; chmod 600 r; $J run --report=r $G/fault.hvt; stat -c %a r",
                "truncate -s 1M d; $J run --block:storage=d $G/block.hvt; echo $?; cksum d",
                "truncate -s 1M d; $J run --block:storage=d:ro $G/block.hvt ro; echo $?; cksum d",
                "truncate -s 1M d; chmod 400 d; $J run --disk=d $G/block.ukvm; echo $?; cksum d",
                "truncate -s 1000 d; $J run --block:storage=d $G/block.hvt",
                "truncate -s 1M d; $S --block:storage=d $G/block.hvt; echo $?; cksum d",
                "mkdir d; $J run --block:storage=d $G/block.hvt",
                "$J run --block:storage=/dev/full $G/block.hvt",
            })
    void shouldDoTheSame(String script) throws Exception {
        same(script, 1);
    }

    // What does not fit the protocol, or is for another command.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "$J run --help",
                "$J run --bogus $G/hello.hvt",
                "$J run --mem=7777777 $G/hello.hvt",
                "$J run --mem=x $G/hello.hvt",
                "$J run",
                "$J run --no-daemon $G/hello.hvt a",
                "JUKVM_DAEMON=off $J run $G/hello.hvt a",
                "JUKVM_DAEMON=maybe $J run $G/hello.hvt a",
                "JUKVM_JAVA_OPTIONS=-Xmx64m $J run $G/hello.hvt a",
                "$J inspect $G/hello.hvt",
                "$J --version",
                "$J run $G/hello.hvt $(head -c 70000 /dev/zero | tr '\\0' x)",
                "XDG_RUNTIME_DIR=/nowhere $J run $G/hello.hvt a",
            })
    void shouldLeaveTheRestToAJvmOfItsOwn(String line) throws Exception {
        same(line, 0);
    }

    @Test
    void shouldRefuseADiskThatAnotherGuestHas() throws Exception {
        String script =
                """
                truncate -s 1M d
                FIRST $J run --block:storage=d $G/block.hvt stamp >out & p=$!
                while [ ! -s out ]; do :; done
                $J run --block:storage=d $G/block.hvt; echo $?; kill $p; wait $p
                """;
        Command refused = same(script.replace("FIRST", "JUKVM_DAEMON=off"), 1);
        assertTrue(refused.stderr().contains("is in use by"), refused.stderr());
        Command byDaemon = fixture.shell(inEmptyFolder("warm", script.replace("FIRST", "")));
        assertEquals(refused.stdout(), byDaemon.stdout());
        String holder = "d: is in use by this guest or another of the daemon; attach it once";
        assertTrue(byDaemon.stderr().contains(holder), byDaemon.stderr());
    }

    @Test
    void shouldTellTimesFromTheClientsBeginning() throws Exception {
        Command run = fixture.shell("$J run --time $G/hello.hvt");
        assertEquals(0, run.status());
        assertTrue(run.stderr().contains("daemon reached"), run.stderr());
        assertFalse(run.stderr().contains("JVM started"), run.stderr());
        assertTrue(run.stderr().contains("first hypercall"), run.stderr());
    }

    // Options are parsed with one model by a thread for one client after the other.
    @Test
    void shouldKeepNothingOfTheLineBefore() throws Exception {
        String line = "$J run $G/hello.hvt; $J run --report=r $G/hello.hvt; grep memory_bytes r;\n";
        String spin =
                ": >s; $J run $G/spin.hvt >s & c=$!; until grep -q spinning s; do :; done;"
                        + " kill -TERM $c; wait $c\n";
        String full =
                "$J run --mem=16 --ring=0 --deadline=60s --time --report=x --dialect=ukvm-0.3"
                        + " --no-net-ring $G/hello.v03.ukvm a b c 2>/dev/null\n";
        String report = "rm x; $J run $G/hello.v03.ukvm; [ ! -e x ] || echo leaked\n";
        Command both = same((full + line + report).repeat(2) + full + spin, 10);
        assertFalse(both.stdout().contains("leaked"), both.stdout());
        assertTrue(both.stderr().endsWith("stopped by a signal\n"), both.stderr());
    }

    @Test
    void shouldPassOnBytesThatAreNoText() throws Exception {
        Command run = same("$J run $G/hello.hvt \"$(printf '\\001\\033[1m\\177')\" | od -c", 1);
        assertTrue(run.stdout().contains("033"), run.stdout());
    }

    @Test
    void shouldShowChangesOfAGuestsFileAtOnce() throws Exception {
        same(
                "for g in hello.hvt fault.hvt hello.ukvm hello.hvt; do cp $G/$g g; $J run g; done;"
                        + " cp $G/hello.hvt n; mv n g; $J run g; rm g; $J run g",
                6);
    }
}
