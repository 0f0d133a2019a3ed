package jukvm.tests.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jukvm.tests.support.Command;
import jukvm.tests.support.Guests;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The shells that there are offer the same words, each by its own completion. */
final class CompletionIT {
    private static final Path COMPLETIONS = Guests.ROOT.resolve("cli/src/main/completion");

    // Each is given the completions' folder and the lines that are typed; it prints a line for
    // each.
    private static final Map<String, String> SCRIPTS =
            Map.of(
                    "bash",
                    """
                    . "$1/jukvm"
                    shift
                    for COMP_LINE; do
                        COMP_POINT=${#COMP_LINE}
                        _jukvm
                        echo "${COMPREPLY[*]}"
                    done
                    """,
                    "zsh",
                    """
                    zmodload zsh/zpty
                    # Waits until it is at its prompt: what is typed earlier, the terminal edits.
                    ready() { zpty -w z "print RE''ADY"; zpty -r z text '*READY*<0>*' }
                    zpty z zsh -f -i
                    zpty -w z "PS1='<%?>'; fpath=($1 \\$fpath); autoload -Uz compinit; compinit -u -D"
                    zpty -w z "compadd() { local -a found; builtin compadd -O found \\"\\$@\\"
                        print -rn -- \\$found '' >>offers; builtin compadd \\"\\$@\\" }"
                    ready
                    shift
                    for line; do
                        zpty -w -n z "$line"$'\\t\\x15'
                        zpty -w z "echo >>offers"
                        ready
                    done
                    zpty -w z exit
                    cat offers
                    """,
                    "fish",
                    """
                    source $argv[1]/jukvm.fish
                    for line in $argv[2..]
                        echo (complete -C $line)
                    end
                    """);
    private static final Map<String, List<String>> SHELLS =
            Map.of(
                    "bash", List.of("bash", "--norc", "offers.sh"),
                    "zsh", List.of("zsh", "-f", "offers.sh"),
                    "fish", List.of("fish", "--no-config", "offers.sh"));

    @TempDir Path folder;

    private static Map<String, String> offers() {
        Map<String, String> offers = new LinkedHashMap<>();
        offers.put("jukvm ru", "run");
        offers.put("jukvm -", "--help --version -V -h");
        offers.put("jukvm run --ti", "--time");
        offers.put("jukvm run --block-s", "--block-sector-size: --block-sync:");
        offers.put("jukvm run --ring=a", "auto");
        offers.put("jukvm run --sandbox=", "log off on strict");
        offers.put("jukvm run --isolation=", "process thread");
        offers.put("jukvm daemon start --isolation=p", "process");
        offers.put("jukvm run --block-sync:storage=d", "dsync");
        offers.put("jukvm run --time --me", "--mem=");
        offers.put("jukvm run hello.hvt --me", "");
        offers.put("jukvm run --ring=3 hello.hvt --me", "");
        offers.put("jukvm inspect --j", "--json");
        offers.put("jukvm elftool query-a", "query-abi");
        offers.put("jukvm daemon s", "serve start status stop");
        offers.put("jukvm daemon start --i", "--idle= --isolation=");
        offers.put("jukvm net d", "down");
        offers.put("jukvm net up l", "lo");
        offers.put("jukvm image b", "build");
        offers.put("jukvm doctor --ver", "--version");
        return offers;
    }

    /** Fish offers whole words, and all in an order of its own. */
    private static String sorted(String line) {
        return Stream.of(line.strip().split(" +", -1))
                .map(word -> word.replaceAll("^.*=(?=.)", ""))
                .collect(Collectors.toCollection(TreeSet::new))
                .stream()
                .collect(Collectors.joining(" "));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bash", "zsh", "fish"})
    void shouldOffer(String shell) throws Exception {
        assumeTrue(Command.sh("command -v " + shell).status() == 0, "no " + shell);
        Files.writeString(folder.resolve("offers.sh"), SCRIPTS.get(shell));
        List<String> line = new ArrayList<>(List.of("sh", "-c", "cd \"$0\" && exec \"$@\""));
        line.add(folder.toString());
        line.addAll(SHELLS.get(shell));
        line.add(COMPLETIONS.toString());
        line.addAll(offers().keySet());
        Map<String, String> environment = Map.of("HOME", folder.toString());
        Command run = Command.program(Command.PATIENCE, environment, line.toArray(String[]::new));
        assertEquals("", run.stderr());
        List<String> offered = run.stdout().lines().map(CompletionIT::sorted).toList();
        assertEquals(List.copyOf(offers().values()), offered);
    }
}
