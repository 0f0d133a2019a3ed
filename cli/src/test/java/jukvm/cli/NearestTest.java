package jukvm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestTest {
    private static final List<String> KNOWN =
            List.of(
                    "--mem",
                    "--ring",
                    "--deadline",
                    "--time",
                    "--report",
                    "--dialect",
                    "--block",
                    "--block-sector-size",
                    "--block-sync",
                    "--net",
                    "--net-pcap",
                    "-h",
                    "-V");

    @ParameterizedTest
    @CsvSource({
        "--mme, --mem",
        "--men, --mem",
        "--MEM, --mem",
        "-mem, --mem",
        "mem, --mem",
        "--m, --mem",
        "-m, --mem",
        "--memory, --mem",
        "--rings, --ring",
        "--dead, --deadline",
        "--deadlin, --deadline",
        "--raport, --report",
        "--blok, --block",
        "--block-size, --block-sector-size",
        "--block-sectors-size, --block-sector-size",
        "--pcap, --net-pcap",
        "--network, --net",
        "--d, '--deadline,--dialect'",
        "--b, '--block,--block-sector-size,--block-sync'",
        "--H, -h",
        "-x, ''",
        "--frobnicate, ''",
        "--sandbox, ''",
        "--, ''",
        "'', ''"
    })
    void shouldFindWhatWasMeant(String typed, String meant) {
        assertEquals(meant, String.join(",", Nearest.to(typed, KNOWN)));
    }
}
