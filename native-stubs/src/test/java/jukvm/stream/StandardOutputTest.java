package jukvm.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import jukvm.io.Requester;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import jukvm.testing.ChildJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs in child JVMs, each with a standard output of its own, but for that of another. */
class StandardOutputTest {
    private static final int PIPE_SIZE = 65536;

    @TempDir private Path dir = Path.of("");

    // Below, at and above what is written at once, and more than a pipe holds.
    @ParameterizedTest
    @CsvSource({"jna, 1", "jna, 4096", "jna, 4097", "jna, 300000", "jnr, 300000"})
    void shouldWriteAllBytesUnaltered(String binding, int size) throws Exception {
        Process child = start(binding, size);
        byte[] output = child.getInputStream().readAllBytes();
        assertEquals(size, output.length);
        assertEquals(ByteBuffer.wrap(pattern(size)), ByteBuffer.wrap(output));
        assertEquals("", result(child));
    }

    @Test
    void shouldWriteToTheOutputOfAnotherAndLeaveItOpen() throws Exception {
        Path path = Files.createFile(dir.resolve("output"));
        int number = Requester.self().open(path.toString(), Libc.O_WRONLY, 0);
        try (Fd fd = Fd.of(number, "output", "open")) {
            for (int i = 0; i < 2; i++) {
                try (StandardOutput output = new StandardOutput(fd.number())) {
                    output.write(ByteBuffer.allocateDirect(1).put(0, (byte) ('a' + i)));
                    assertEquals(Optional.empty(), output.loss());
                }
            }
        }
        assertEquals("ab", Files.readString(path));
    }

    @ParameterizedTest
    @ValueSource(strings = {"jna", "jnr"})
    void shouldRememberThatTheReaderIsGone(String binding) throws Exception {
        Process child = child(binding, 10_000, true).start();
        child.getInputStream().close();
        go(child);
        assertEquals(
                "stdout: write: EPIPE (Broken pipe); 10000 bytes of guest output lost",
                result(child));
    }

    @ParameterizedTest
    @ValueSource(strings = {"jna", "jnr"})
    void shouldRememberThatTheDiskIsFull(String binding) throws Exception {
        Process child = child(binding, 5000, false).redirectOutput(new File("/dev/full")).start();
        assertEquals(
                "stdout: write: ENOSPC (No space left on device); 5000 bytes of guest output lost",
                result(child));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4096, 70000})
    void shouldWriteToAFile(int size) throws Exception {
        File file = dir.resolve("output").toFile();
        Process child = child("jna", size, false).redirectOutput(file).start();
        assertEquals("", result(child));
        assertEquals(
                ByteBuffer.wrap(pattern(size)), ByteBuffer.wrap(Files.readAllBytes(file.toPath())));
    }

    @ParameterizedTest
    @ValueSource(strings = {"jna", "jnr"})
    void shouldEndAWriteThatWaitsForItsReader(String binding) throws Exception {
        int size = 1 << 20;
        Process child = child(binding, size, true).start();
        InputStream output = child.getInputStream();
        go(child);
        while (output.available() < PIPE_SIZE) {
            assertFalse(child.waitFor(1, TimeUnit.MILLISECONDS), "ended before the pipe was full");
        }
        go(child);
        String result = result(child);
        int read = output.readAllBytes().length;
        assertTrue(read >= PIPE_SIZE);
        assertEquals(
                "stdout: write: stopped while its reader was not reading; "
                        + (size - read)
                        + " bytes of guest output lost",
                result);
    }

    private Process start(String binding, int size) throws IOException {
        return child(binding, size, false).start();
    }

    private ProcessBuilder child(String binding, int size, boolean waits) {
        String result = dir.resolve("result").toString();
        return ChildJvm.of(binding, Child.class, result, "" + size, "" + waits);
    }

    private static void go(Process child) throws IOException {
        child.getOutputStream().write('\n');
        child.getOutputStream().flush();
    }

    /** The loss, as the child says at its end. */
    private String result(Process child) throws Exception {
        assertTrue(child.waitFor(60, TimeUnit.SECONDS), "child does not end");
        assertEquals(0, child.exitValue());
        return Files.readString(dir.resolve("result"));
    }

    private static byte[] pattern(int size) {
        byte[] pattern = new byte[size];
        for (int i = 0; i < size; i++) {
            pattern[i] = (byte) (i * 31 + i / 256);
        }
        return pattern;
    }

    /** Prints the pattern; waits for a line before, and stops at a second line, if told to. */
    static final class Child {
        public static void main(String[] args) throws Exception {
            int size = Integer.parseInt(args[1]);
            ByteBuffer bytes = ByteBuffer.allocateDirect(size + 3);
            bytes.put(3, pattern(size)).position(3);
            try (StandardOutput output = new StandardOutput()) {
                if (Boolean.parseBoolean(args[2])) {
                    awaitLine();
                    stopAtLine(output);
                }
                output.write(bytes.slice().limit(0));
                output.write(bytes);
                Files.writeString(Path.of(args[0]), output.loss().orElse(""));
            }
        }

        private static void stopAtLine(StandardOutput output) {
            Thread stopper =
                    new Thread(
                            () -> {
                                awaitLine();
                                output.stop();
                            });
            stopper.setDaemon(true);
            stopper.start();
        }

        private static void awaitLine() {
            try {
                int c = System.in.read();
                if (c != '\n') {
                    throw new IllegalStateException("read " + c);
                }
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
