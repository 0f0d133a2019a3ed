package jukvm.stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import jukvm.block.BlockFile;
import jukvm.error.ConfigException;
import jukvm.error.HostException;
import jukvm.host.Sync;
import jukvm.io.Endpoints;
import jukvm.io.FileId;
import jukvm.io.Requester;
import jukvm.testing.Allocation;
import jukvm.testing.PartialCaller;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutputFileTest {
    @TempDir private Path dir = Path.of("");

    private static OutputFile open(Path path) throws IOException {
        return new OutputFile(Requester.self(), path.toString());
    }

    // Around the chunk that it writes by, 128 KiB.
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4096, 131_071, 131_072, 131_073, 1_000_000})
    void shouldReplaceWhatAFileHad(int size) throws Exception {
        Path path = Files.write(dir.resolve("file"), new byte[2_000_000]);
        byte[] content = new byte[size + 20];
        new SplittableRandom(3).nextBytes(content);
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        try (OutputFile file = open(path)) {
            file.write(content, 10, size);
            file.write(0x1ff);
            file.sync();
        }
        expected.write(content, 10, size);
        expected.write(0x1ff);
        assertArrayEquals(expected.toByteArray(), Files.readAllBytes(path));
    }

    @Test
    void shouldNotWaitForAReaderOnceItIsToStop() throws Exception {
        try (Endpoints ends = Endpoints.of(Endpoints.Kind.FIFO, dir);
                OutputFile file = open(dir.resolve("fifo"))) {
            Thread stopper =
                    new Thread(
                            () -> {
                                while (ends.waiting() == 0) {
                                    Thread.onSpinWait();
                                }
                                file.stopWaiting();
                            });
            stopper.start();
            IOException e = assertThrows(IOException.class, () -> file.write(new byte[1 << 20]));
            assertEquals("Stopped while its reader was not reading", e.getMessage());
            stopper.join();
        }
    }

    @Test
    void shouldMakeAFileAsJavaDoes() throws Exception {
        Path ours = dir.resolve("ours");
        Path javas = dir.resolve("javas");
        open(ours).close();
        new FileOutputStream(javas.toFile()).close();
        assertEquals(Files.getPosixFilePermissions(javas), Files.getPosixFilePermissions(ours));
    }

    @Test
    void shouldRefuseInJavasWords() throws Exception {
        Path file = Files.createFile(dir.resolve("file"));
        List<Path> refused =
                List.of(
                        dir,
                        dir.resolve("none/x"),
                        file.resolve("x"),
                        dir.resolve("n".repeat(300)));
        for (Path path : refused) {
            IOException javas =
                    assertThrows(IOException.class, () -> new FileOutputStream(path.toFile()));
            IOException ours = assertThrows(FileNotFoundException.class, () -> open(path));
            assertEquals(javas.getMessage(), ours.getMessage());
        }
        try (FileOutputStream javas = new FileOutputStream("/dev/full");
                OutputFile ours = open(Path.of("/dev/full"))) {
            assertEquals(
                    assertThrows(IOException.class, () -> javas.write(1)).getMessage(),
                    assertThrows(IOException.class, () -> ours.write(1)).getMessage());
        }
    }

    @Test
    void shouldOpenThroughTheCaller() {
        PartialCaller refusing = PartialCaller.refusing();
        String path = dir.resolve("file").toString();
        IOException e =
                assertThrows(FileNotFoundException.class, () -> new OutputFile(refusing, path));
        assertEquals(path + " (Permission denied)", e.getMessage());
        assertEquals(List.of("open " + path + " 0x41"), refusing.asked());
        assertTrue(Files.notExists(Path.of(path)));
    }

    @Test
    void shouldLeaveAFileThatIsRefusedAsItWas() throws Exception {
        Path path = Files.writeString(dir.resolve("file"), "precious");
        FileId known = FileId.of(Requester.self(), path.toString()).orElseThrow();
        Path link = Files.createSymbolicLink(dir.resolve("link"), path);
        Path hard = Files.createLink(dir.resolve("hard"), path);
        for (Path name : List.of(path, link, hard)) {
            assertThrows(
                    ConfigException.class,
                    () ->
                            new OutputFile(
                                    Requester.self(),
                                    name.toString(),
                                    file -> refuse(known, file)));
        }
        try (BlockFile disk = BlockFile.open(hard.toString(), true, Sync.NONE)) {
            IOException e = assertThrows(FileNotFoundException.class, () -> open(link));
            assertEquals(link + " (is in use by this process)", e.getMessage());
            assertEquals(8, disk.size());
        }
        assertEquals("precious", Files.readString(path));
    }

    private static void refuse(FileId known, FileId file) {
        assertEquals(known, file);
        throw new ConfigException("refused");
    }

    @Test
    void shouldBeTheOnlyOneThatWritesAFile() throws Exception {
        Path path = dir.resolve("file");
        try (OutputFile file = open(path)) {
            file.write('a');
            assertThrows(FileNotFoundException.class, () -> open(path));
            assertThrows(
                    HostException.class, () -> BlockFile.open(path.toString(), false, Sync.NONE));
            file.write('b');
        }
        assertEquals("ab", Files.readString(path));
        open(path).close();
        assertEquals("", Files.readString(path));
        try (OutputFile one = open(Path.of("/dev/null"));
                OutputFile other = open(Path.of("/dev/null"))) {
            assertTrue(one.isOpen() && other.isOpen());
        }
    }

    @Test
    void shouldCutOffTheEndButAddNone() throws Exception {
        Path path = dir.resolve("file");
        try (OutputFile file = open(path)) {
            file.write(new byte[100]);
            file.truncate(200);
            assertEquals(100, Files.size(path));
            file.truncate(42);
            assertEquals(42, Files.size(path));
        }
    }

    @Test
    void shouldSayThatADeviceCannotBeOnADisk() throws Exception {
        try (OutputFile file = open(Path.of("/dev/null"))) {
            assertThrows(IOException.class, file::sync);
        }
    }

    @Test
    void shouldBeClosedOnceAndForAll() throws Exception {
        OutputFile file = open(dir.resolve("file"));
        assertTrue(file.isOpen());
        file.close();
        file.close();
        assertFalse(file.isOpen());
        assertThrows(IOException.class, () -> file.write(1));
        assertThrows(IOException.class, () -> file.truncate(0));
        assertThrows(IOException.class, file::sync);
    }

    @Test
    void shouldAllocateNoBufferForAWrite() throws Exception {
        byte[] bytes = new byte[1514];
        try (OutputFile file = open(Path.of("/dev/null"))) {
            Allocation.assertNone(() -> write(file, bytes));
        }
    }

    private static void write(OutputFile file, byte[] bytes) {
        try {
            file.write(bytes, 0, bytes.length);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
