package jukvm.cli.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import jukvm.error.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class NodeJvmTest {
    private static JsonObject config(String text) throws IOException {
        return JsonObject.read(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '~',
            value = {
                "container, {}, false",
                "node, {}, true",
                "node, {'annotations':{'jukvm.jvm':'container'}}, false",
                "container, {'annotations':{'jukvm.jvm':'node'}}, true",
                "container, {'annotations':{'other':'node'}}, false"
            })
    void shouldBeWantedByAnnotationOrElseByOption(String option, String config, boolean isWanted)
            throws IOException {
        assertEquals(isWanted, NodeJvm.isWanted(option, config(config)));
    }

    @Test
    void shouldRefuseAWishThatIsNotKnown() throws IOException {
        JsonObject config = config("{'annotations':{'jukvm.jvm':'Node'}}");
        assertThrows(ConfigException.class, () -> NodeJvm.isWanted("node", config));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '~',
            value = {
                "~{}~, Infinity",
                "~{'quota':-1,'period':100000}~, Infinity",
                "~{'quota':50000,'period':200000}~, 0.25",
                "~{'quota':50000,'cpus':''}~, 0.5",
                "~{'quota':250000}~, 2.5"
            })
    void shouldReadTheQuotaOfTheContainer(String cpu, double processors) throws IOException {
        JsonObject config = config("{'linux':{'resources':{'cpu':" + cpu + "}}}");
        assertEquals(processors, NodeJvm.processors(config));
    }

    @ParameterizedTest
    @CsvSource({"0, 32", "-1, 32", "67108864, 60", "7340032, 2", "9223372036854775807, 512"})
    void shouldGiveTheGuestWhatTheLimitLeaves(long limit, long mib) {
        assertEquals(mib, NodeJvm.memory(limit));
    }
}
