package jukvm.cli.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DaemonTest {
    private static final String OTHER = "Max file locks   unlimited   unlimited   locks";

    @ParameterizedTest
    @CsvSource({"32,1", "79,1", "96,2", "1024,60", "4160,256", "1048576,256"})
    void shouldServeNoMoreThanItHasDescriptorsFor(String limit, int clients) {
        String line = "Max open files            " + limit + "     1048576      files     ";
        assertEquals(clients, Daemon.clients(List.of(OTHER, line)));
    }

    @ParameterizedTest
    @CsvSource({"Max open files  unlimited  unlimited  files", "nothing"})
    void shouldServeAllWhereThereIsNoLimit(String line) {
        assertEquals(Daemon.CLIENTS, Daemon.clients(List.of(OTHER, line)));
    }
}
