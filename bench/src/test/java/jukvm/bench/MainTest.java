package jukvm.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

final class MainTest {
    private record Ended(int status, String out, String err) {}

    private static Ended run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line =
                Main.commandLine()
                        .setOut(new PrintWriter(out, true))
                        .setErr(new PrintWriter(err, true));
        int status = line.execute(arguments);
        return new Ended(status, out.toString(), err.toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | Unexpected ''. See jukvm bench --help.",
                "nonsense | Unexpected 'nonsense'. See jukvm bench --help.",
                "embed --rnus 3 | Unknown option: '--rnus'. See jukvm bench embed --help.",
                "embed 3 | Unexpected '3'. See jukvm bench embed --help.",
                "embed --runs 0 | --runs: need a number from 1 to 1000000",
                "embed --runs -1 | --runs: need a number from 1 to 1000000",
                "compare | Missing required parameter: 'DIRECTORY'. See jukvm bench compare"
                        + " --help.",
                "compare a | compare: need from 2 to 26 result directories, got 1",
                "--out a\ufffd | a word of the command line is not UTF-8. See jukvm bench --help.",
                "compare a --b | Unknown option: '--b'. See jukvm bench compare --help.",
                "embed --runs 1000001 | --runs: need a number from 1 to 1000000",
            })
    void shouldAnswerBadArgumentsInOneLine(String arguments, String line) {
        Ended ended = run(arguments.split(" ", -1));
        assertEquals(new Ended(Main.FAILURE, "", "jukvm: " + line + "\n"), ended);
    }

    @ParameterizedTest
    @CsvSource({
        "--help",
        "embed --help",
        "compare --help",
        "report --help",
        "jmh --help",
        "cost --help"
    })
    void shouldFitHelpIn80Columns(String arguments) {
        Ended ended = run(arguments.split(" ", -1));
        assertEquals(0, ended.status);
        assertEquals(0, ended.out.lines().filter(line -> line.length() > 80).count(), ended.out);
    }
}
