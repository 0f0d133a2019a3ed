package jukvm.cli.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import jukvm.error.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class EnvironmentWordsTest {
    private static final List<String> ENVIRONMENT =
            List.of("A=old", "AB=x", "A=$1\\ {env:AB}", "EMPTY=");

    private static String expand(String argument) {
        return EnvironmentWords.expand(List.of(argument), ENVIRONMENT).get(0);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '~',
            value = {
                "{env:AB}, x",
                "--a={env:A}, --a=$1\\ {{env:AB}",
                "{env:AB}{env:AB}, xx",
                "<{env:EMPTY}>, <>",
                "{{env:AB}, {{env:AB}",
                "{{{env:AB}, {{x",
                "{env:}, {{env:}",
                "{\"env\":1}, {{\"env\":1}",
                "{mac} {ipv4:service0} {hostname}, {mac} {ipv4:service0} {hostname}",
                "{{mac} {mac{{mac}}, {{mac} {{mac{{mac}}",
                "{x} {{x} {, {{x} {{{{x} {{"
            })
    void shouldExpandVariables(String argument, String expanded) {
        assertEquals(expanded, expand(argument));
    }

    @Test
    void shouldRefuseAVariableThatIsNotThere() {
        ConfigException e = assertThrows(ConfigException.class, () -> expand("a{env:B}"));
        assertEquals(
                "argument 'a{env:B}': the container has no variable B; give it one, or write {{env:"
                        + " for a brace",
                e.getMessage());
    }
}
