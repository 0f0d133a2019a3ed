package jukvm.cli.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostTapTest {
    private static final Ipv4Network OWN = Ipv4Network.parse("10.0.0.1/24");

    @Test
    void shouldComeBackFromTheAlias() {
        HostTap plain =
                new HostTap("1000", Optional.of(OWN), Optional.empty(), Optional.empty(), false);
        assertEquals("jukvm user=1000 address=10.0.0.1/24", plain.alias());
        HostTap plugged =
                new HostTap("me", Optional.empty(), Optional.of("br0"), Optional.empty(), false);
        HostTap translated =
                new HostTap("me", Optional.of(OWN), Optional.empty(), Optional.of("eth0.5"), true);
        for (HostTap settings : new HostTap[] {plain, plugged, translated}) {
            assertEquals(Optional.of(settings), HostTap.ofAlias(settings.alias()));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "jukvm",
                "jukvm ",
                "jukvm address=10.0.0.1/24",
                "jukvm user=",
                "jukvm user=a  nat=b",
                "jukvm user=a address=10.0.0.0/24",
                "jukvm user=a address=x",
                "uplink to jukvm user=a"
            })
    void shouldLeaveOthersAlone(String alias) {
        assertEquals(Optional.empty(), HostTap.ofAlias(alias));
    }

    @Test
    void shouldSayWhatToSayToRun() {
        assertEquals(
                "jukvm run --net:NAME=tap0 GUEST --ipv4=10.0.0.2/24 --ipv4-gateway=10.0.0.1",
                new HostTap("a", Optional.of(OWN), Optional.empty(), Optional.empty(), false)
                        .usage("tap0"));
    }
}
