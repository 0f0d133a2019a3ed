package jukvm.cli.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DaemonProcessTest {
    @ParameterizedTest
    @CsvSource({
        "java -Da=b -jar /opt/jukvm/jukvm.jar daemon serve --idle=1800000ms, true",
        "java -jar /opt/jukvm/jukvm.jar daemon serve, true",
        "java -jar /opt/jukvm/jukvm.jar daemon stop, false",
        "java -jar /opt/jukvm/jukvm.jar run daemon serve, false",
        "java -jar /opt/other.jar daemon serve, false",
        "/bin/sh /opt/jukvm/jukvm daemon serve, false",
        "vi jukvm.jar daemon serve, false",
        "daemon serve, false",
        "jukvm, false"
    })
    void shouldKnowADaemonByItsCommandLine(String line, boolean isOne) {
        assertEquals(isOne, DaemonProcess.isDaemon(List.of(line.split(" "))));
    }

    @Test
    void shouldComputeAPlaceFromAnyEnvironment() {
        String without = DaemonPlace.of("").folder().toString();
        assertEquals("/tmp/jukvm-", without.replaceAll("\\d+$", ""));
        assertEquals(without, DaemonPlace.of(null).folder().toString());
        assertEquals(without, DaemonPlace.of("run/user").folder().toString());
        assertEquals("/run/user/7/jukvm", DaemonPlace.of("/run/user/7").folder().toString());
    }
}
