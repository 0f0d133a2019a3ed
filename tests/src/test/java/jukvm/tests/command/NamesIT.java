package jukvm.tests.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import jukvm.tests.support.Command;
import jukvm.tests.support.DaemonFixture;
import jukvm.tests.support.RequiresKvm;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names and arguments of any bytes are passed on as they are, whatever the locale. */
@RequiresKvm
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class NamesIT {
    // A byte that is not UTF-8, the character that stands for such bytes elsewhere, and one that
    // ASCII lacks: in the words of commands these are $n, $u and $e.
    private static final String NAMES =
            "n=$(printf 'n\\377'); u=$(printf 'u\\357\\277\\275'); e=$(printf '\\303\\274'); ";
    private static final String ARGUMENTS = "an\u00ff u\u00ef\u00bf\u00bd \u00c3\u00bc ?";
    private static final String HELLO = "Hello from a jukvm guest (hvt 2)\ncommand line: ";

    private Path folder = Path.of("");
    private DaemonFixture fixture;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        this.folder = folder;
        fixture = DaemonFixture.resident();
    }

    /** Runs a script both ways, and wants the same. */
    private Command same(String script) throws Exception {
        String there = "cd '" + folder + "'; " + NAMES + script;
        Command cold = fixture.cold(there);
        long before = fixture.idle().served();
        assertEquals(cold, fixture.shell(there));
        assertTrue(fixture.idle().served() > before, "the daemon served none");
        return cold;
    }

    private static void assertSuccess(String output, Command run) {
        assertEquals(new Command(0, output, ""), run);
    }

    @Test
    void shouldPassArgumentsOnByteForByte() throws Exception {
        assertSuccess(
                HELLO + ARGUMENTS + "\n", same("$J run $G/hello.hvt \"a$n\" \"$u\" \"$e\" '?'"));
        assertSuccess(HELLO + ARGUMENTS + "\n", same("$S $G/hello.hvt \"a$n\" \"$u\" \"$e\" '?'"));
    }

    // Without the launcher, which chooses a locale that the JVM gets along with.
    @ParameterizedTest
    @ValueSource(strings = {"C", "C.UTF-8", "POSIX", "no_NO.SUCH"})
    void shouldDoSoInEveryLocale(String locale) throws Exception {
        String script =
                NAMES
                        + "LC_ALL="
                        + locale
                        + " exec \"$@\" --report=\"$0$n\" \"$0$u\" \"a$n\" \"$u\" \"$e\" '?'";
        String file = folder.resolve(locale).toString();
        String copy = NAMES + "cp $G/hello.hvt '" + file + "'\"$u\"";
        assertEquals(0, fixture.cold(copy).status());
        Command run = Command.shell(script.replace("$0", file), "run");
        assertSuccess(HELLO + ARGUMENTS + "\n", run);
        assertEquals(0, fixture.cold(NAMES + "test -s '" + file + "'\"$n\"").status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"$n", "$u", "$e"})
    void shouldFindAndMakeFilesOfEveryName(String name) throws Exception {
        String script =
                "rm -rf d; mkdir d; cp $G/hello.hvt d/NAME.hvt; truncate -s 64K d/NAME.img;"
                        + " $J run --report=d/NAME.json d/NAME.hvt a &&"
                        + " $J run --block:storage=d/NAME.img $G/block.hvt | tail -1;"
                        + " test -s d/NAME.json && ls d | wc -l";
        assertSuccess(HELLO + "a\nSUCCESS\n3\n", same(script.replace("NAME", "\"" + name + "\"")));
    }

    @Test
    void shouldShowWhatIsNoText() throws Exception {
        Command run = same("$J run \"missing$n\"; $J run \"missing$e\"; $S \"missing$n\"");
        assertEquals(
                "jukvm: missingn\\xff: cannot open: ENOENT (No such file or directory)\n"
                        + "jukvm: missing\u00fc: cannot open: ENOENT (No such file or directory)\n"
                        + "solo5-hvt: missingn\\xff: Could not open: ENOENT (No such file or"
                        + " directory)\n",
                run.stderr());
    }

    @Test
    void shouldAttachAFileThatIsCalledLikeAnOption() throws Exception {
        String script =
                "for i in x x:ro x:rw; do truncate -s 64K $i; done;"
                        + " $J run --block:storage=x:ro:rw $G/block.hvt | tail -1;"
                        + " $J run --block:storage=x:rw:rw $G/block.hvt | tail -1;"
                        + " cmp -s x /dev/zero; cmp -n 65536 x /dev/zero && rm x x:ro x:rw";
        assertSuccess("SUCCESS\nSUCCESS\n", same(script));
    }
}
