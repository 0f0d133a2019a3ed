package jukvm.cli.invoker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import jukvm.io.Requester;
import jukvm.stream.StandardOutput;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OperatorStreamTest {
    private static final int O_WRONLY = 1;

    @TempDir private Path folder = Path.of("");

    @Test
    void shouldPassOnBytesOfAnyLength() throws Exception {
        Path file = Files.createFile(folder.resolve("err"));
        byte[] bytes = new byte[5000];
        new SplittableRandom(7).nextBytes(bytes);
        int fd = Requester.self().open(file.toString(), O_WRONLY, 0);
        try (StandardOutput output = new StandardOutput(fd);
                OperatorStream stream = new OperatorStream(patience -> output)) {
            stream.write(bytes, 0, 0);
            stream.write(bytes[0]);
            stream.write(bytes, 1, 1024);
            stream.write(bytes, 1025, 3000);
            stream.write(Arrays.copyOfRange(bytes, 4025, 5000));
        }
        Requester.self().giveBack(fd);
        assertArrayEquals(bytes, Files.readAllBytes(file));
    }

    @Test
    void shouldLoseWhatCannotBeWritten() throws Exception {
        int fd = Requester.self().open("/dev/full", O_WRONLY, 0);
        assertTrue(fd >= 0);
        try (StandardOutput output = new StandardOutput(fd);
                OperatorStream stream = new OperatorStream(patience -> output)) {
            stream.write(new byte[3000]);
            assertEquals(
                    "stdout: write: ENOSPC (No space left on device); 3000 bytes of guest output"
                            + " lost",
                    output.loss().orElseThrow());
        }
    }
}
