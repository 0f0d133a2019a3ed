package jukvm.bench.action;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import jukvm.error.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BundleTest {
    @TempDir private Path folder;

    private Path program() throws IOException {
        Path program = Files.writeString(folder.resolve("program"), "#!/bin/sh\n");
        assertTrue(program.toFile().setExecutable(true));
        return program;
    }

    private static List<String> names(Path bundle) throws IOException {
        try (Stream<Path> files = Files.walk(bundle)) {
            return files.map(file -> bundle.relativize(file).toString()).sorted().toList();
        }
    }

    private static String arguments(String config) throws IOException {
        return new ObjectMapper().readTree(config).at("/process/args").toString();
    }

    @Test
    void shouldMakeTheSmallestBundle() throws IOException {
        Path bundle = Bundle.make(folder.resolve("bundle"), program(), false);
        List<String> names =
                List.of("", "config.json", "rootfs", "rootfs/dev", "rootfs/hello", "rootfs/proc");
        assertEquals(names, names(bundle));
        assertTrue(Files.isExecutable(bundle.resolve("rootfs/hello")));
        String config = Files.readString(bundle.resolve("config.json"));
        assertEquals("[\"/hello\"]", arguments(config));
    }

    @Test
    void shouldTellAnIdleProgramToStay() throws IOException {
        Path bundle = Bundle.make(folder.resolve("bundle"), program(), true);
        String config = Files.readString(bundle.resolve("config.json"));
        assertEquals("[\"/hello\",\"idle\"]", arguments(config));
    }

    @Test
    void shouldUnpackWhatItPacked() throws IOException {
        Path bundle = Bundle.make(folder.resolve("bundle"), program(), false);
        ByteArrayOutputStream archive = new ByteArrayOutputStream();
        Bundle.pack(bundle, archive);
        Path unpacked = Files.createDirectory(folder.resolve("unpacked"));
        Bundle.unpack(new ByteArrayInputStream(archive.toByteArray()), unpacked);
        assertEquals(names(bundle), names(unpacked));
        for (String name : List.of("config.json", "rootfs/hello")) {
            Path file = unpacked.resolve(name);
            assertArrayEquals(Files.readAllBytes(bundle.resolve(name)), Files.readAllBytes(file));
            assertEquals(name.equals("rootfs/hello"), Files.isExecutable(file));
        }
    }

    @Test
    void shouldNotMakeABundleWhereSomethingIs() throws IOException {
        Path bundle = Bundle.make(folder.resolve("bundle"), program(), false);
        Path program = program();
        ConfigException refused =
                assertThrows(ConfigException.class, () -> Bundle.make(bundle, program, false));
        assertTrue(
                refused.getMessage().startsWith(bundle + ": cannot be written: "),
                refused.getMessage());
    }
}
