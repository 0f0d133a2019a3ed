package jukvm.cli.device;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RemediesTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "it is given 1 MiB; raise GuestSpec.memory | it is given 1 MiB; raise --mem",
                "unless GuestSpec.dialect says | unless --dialect says",
                "Raise FetchLimits.time. | Raise --fetch-timeout.",
                "Raise FetchLimits.bytes. | Raise --fetch-limit.",
                "not all of them; use PrivilegeMode.RING_3 | not all of them; use --ring 3",
                "Use GuestSpec.block(\"a\", ...) GuestSpec.net(\"b1\", ...)"
                        + " | Use --block:a=PATH --net:b1=TAP",
                "x.hvt: cannot open | x.hvt: cannot open"
            })
    void shouldNameOptionsForMethods(String message, String said) {
        assertEquals(said, Remedies.asOptions(message));
    }
}
