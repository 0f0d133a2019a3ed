package jukvm.cli.daemon;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceWatchTest {
    private static final long PATIENCE_NANOS = 60_000_000_000L;

    @TempDir private Path tree = Path.of("");
    private Path source = Path.of("");
    private Path stamp = Path.of("");

    @BeforeEach
    void makeTree() throws Exception {
        for (String module : List.of("bom", "native-stubs", "hypercalls", "monitor", "cli")) {
            Files.createDirectories(tree.resolve(module).resolve("src/main/java"));
            Files.createDirectories(tree.resolve(module).resolve("src/test/java"));
            Files.createDirectories(tree.resolve(module).resolve("target"));
        }
        Files.createFile(tree.resolve("pom.xml"));
        source = Files.createFile(tree.resolve("monitor/src/main/java/A.java"));
        stamp = Files.createFile(tree.resolve("cli/target/.built"));
        Files.setLastModifiedTime(stamp, FileTime.fromMillis(System.currentTimeMillis() + 60_000));
    }

    private static void awaitChange(SourceWatch watch) throws InterruptedException {
        long start = System.nanoTime();
        while (!watch.haveChanged()) {
            assertTrue(System.nanoTime() - start < PATIENCE_NANOS, "no change seen");
            Thread.sleep(5);
        }
        assertTrue(watch.haveChanged(), "for good");
    }

    @Test
    void shouldSeeASourceThatIsWritten() throws Exception {
        SourceWatch watch = SourceWatch.of(tree, stamp);
        assertFalse(watch.haveChanged());
        Files.writeString(source, "class A {}");
        awaitChange(watch);
    }

    @Test
    void shouldSeeItWithoutWatchesAsWell() throws Exception {
        SourceWatch watch = SourceWatch.looking(tree, stamp);
        assertFalse(watch.haveChanged());
        Files.setLastModifiedTime(
                source, FileTime.fromMillis(System.currentTimeMillis() + 120_000));
        assertTrue(watch.haveChanged());
        assertTrue(watch.haveChanged(), "for good");
    }

    @Test
    void shouldPassOverASourceFromTheFutureThatWasBuilt() throws Exception {
        FileTime future = FileTime.fromMillis(System.currentTimeMillis() + 1_000_000_000L);
        Files.setLastModifiedTime(source, future);
        assertTrue(SourceWatch.of(tree, stamp).haveChanged());
        Path note = stamp.resolveSibling(".future").resolve(tree.relativize(source));
        Files.createDirectories(note.getParent());
        Files.setLastModifiedTime(Files.createFile(note), future);
        assertFalse(SourceWatch.of(tree, stamp).haveChanged());
        FileTime now = FileTime.fromMillis(System.currentTimeMillis() + 120_000);
        Files.setLastModifiedTime(source, now);
        assertTrue(SourceWatch.of(tree, stamp).haveChanged());
    }

    @Test
    void shouldSeeASourceThatComesOrGoes() throws Exception {
        SourceWatch watch = SourceWatch.of(tree, stamp);
        Files.createFile(source.resolveSibling("B.java"));
        awaitChange(watch);
        watch = SourceWatch.of(tree, stamp);
        Files.delete(source);
        awaitChange(watch);
    }

    @Test
    void shouldSeeWhatChangedBeforeItLooked() throws Exception {
        Files.setLastModifiedTime(
                source, FileTime.fromMillis(System.currentTimeMillis() + 120_000));
        assertTrue(SourceWatch.of(tree, stamp).haveChanged());
    }

    // The change of a source that follows is seen, so the others would have been, too.
    @Test
    void shouldPassOverTestsAndWhatIsBuilt() throws Exception {
        SourceWatch watch = SourceWatch.of(tree, stamp);
        Files.createFile(tree.resolve("monitor/src/test/java/ATest.java"));
        Files.createFile(tree.resolve("cli/target/x.jar"));
        Files.createFile(tree.resolve("README.md"));
        Thread.sleep(200);
        assertFalse(watch.haveChanged());
        Files.writeString(source, "class A {}");
        awaitChange(watch);
    }

    @Test
    void shouldSeeNothingWhereNothingWasBuilt() {
        assertFalse(SourceWatch.none().haveChanged());
    }
}
