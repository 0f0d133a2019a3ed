package jukvm.cli.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonObjectTest {
    static JsonObject read(String text) throws IOException {
        return JsonObject.read(text.getBytes(StandardCharsets.UTF_8));
    }

    static String text(JsonObject object) throws IOException {
        return new String(object.write(), StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"a\":null,\"b\":[true,false,{\"c\":[]}],\"d\":\"\\\"\\\\\\u0000é\"}",
                "{\"a\":18446744073709551615,\"b\":1.50,\"c\":-0,\"d\":1E+400}"
            })
    void shouldKeepWhatIsNotChanged(String document) throws IOException {
        assertEquals(document, text(read(document)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "1", "{", "{\"a\":}", "{} {}", "{\"a\":[1}"})
    void shouldRefuseWhatIsNoObject(String document) {
        assertThrows(IOException.class, () -> read(document));
    }

    @Test
    void shouldMakeWhatIsMissingOrOfAnotherKind() throws IOException {
        JsonObject object = read("{\"list\":null,\"text\":1}");
        assertEquals(List.of(), object.texts("list"));
        assertEquals(Optional.empty(), object.text("text"));
        object.with("list", List.of("a", new JsonObject().with("b", true).with("c", 5)));
        object.object("text").with("d", "e");
        assertEquals(
                "{\"list\":[\"a\",{\"b\":true,\"c\":5}],\"text\":{\"d\":\"e\"}}", text(object));
    }
}
