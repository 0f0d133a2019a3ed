package jukvm.tests.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import jukvm.tests.support.Command;
import jukvm.tests.support.Guests;
import jukvm.tests.support.Launcher;
import jukvm.tests.support.Refusal;
import jukvm.tests.support.Root;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The build at the first use, by a Maven that builds nothing but is counted. */
final class FirstUseIT {
    private static final Path IMAGE = Guests.prebuilt("hello.hvt");
    private static final String MAVEN =
            "#!/bin/sh\nls -A \"$TMPDIR\" >>PLACE/seen\necho build >>PLACE/builds\n";

    // To prepare classes takes longer than all else, and is not what some tests are about.
    private static final String UNPREPARED = "export JUKVM_JAVA_OPTIONS=-Xshare:auto; ";

    @TempDir private Path folder;
    private Path tree;
    private Path script;
    private Path maven;
    private String environment = "";

    @BeforeEach
    void install() throws Exception {
        tree = Files.createDirectory(folder.resolve("tree"));
        script = Launcher.install(tree);
        Files.delete(tree.resolve("cli/target/jukvm/.built"));
        Path temporary = Files.createDirectory(folder.resolve("tmp"));
        maven = Files.createDirectory(folder.resolve("bin")).resolve("mvn");
        maven(MAVEN);
        environment =
                "export TMPDIR="
                        + temporary
                        + " PATH="
                        + maven.getParent()
                        + ":$PATH JAVA_HOME="
                        + System.getProperty("java.home")
                        + "; ";
    }

    private void maven(String text) throws Exception {
        Files.writeString(maven, text.replace("PLACE", "" + folder));
        assertTrue(maven.toFile().setExecutable(true));
    }

    private Command sh(String line) throws Exception {
        String inspect = script + " inspect " + IMAGE;
        return Command.sh(environment + line.replace("INSPECT", inspect));
    }

    private int builds() throws Exception {
        Path builds = folder.resolve("builds");
        return Files.exists(builds) ? Files.readAllLines(builds).size() : 0;
    }

    @Test
    void shouldBuildOnceForAllThatComeAtOnce() throws Exception {
        maven(MAVEN + "sleep 0.3\n"); // They come while it builds.
        Command all = sh("for i in 1 2 3; do { INSPECT >/dev/null; echo $?; } & done; wait");
        assertEquals("0\n0\n0\n", all.stdout(), all::toString);
        assertEquals(1, builds());
        List<String> prepared =
                all.stderr().lines().filter(line -> line.contains("preparing for")).toList();
        assertEquals(1, prepared.size(), all.stderr());
        assertEquals("", sh("INSPECT").stderr());
        assertEquals(1, builds());
    }

    @Test
    void shouldBuildAfterABuilderWasKilled() throws Exception {
        maven("#!/bin/sh\necho $$ >PLACE/pid.new\nmv PLACE/pid.new PLACE/pid\nexec sleep 100\n");
        String kill =
                "INSPECT & until [ -e PID ]; do sleep 0.05; done; kill -9 $! $(cat PID); wait"
                        .replace("PID", folder + "/pid");
        sh(kill);
        maven(MAVEN);
        assertEquals(0, sh(UNPREPARED + "exec INSPECT").status());
        assertEquals(1, builds());
    }

    @ParameterizedTest
    @ValueSource(strings = {"pom.xml", "cli/src/main/launcher/launch.sh"})
    void shouldBuildASourceFromTheFutureOnce(String source) throws Exception {
        Path file = tree.resolve(source);
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().plus(Duration.ofDays(900))));
        assertEquals(0, sh(UNPREPARED + "exec INSPECT").status());
        assertEquals("", sh(UNPREPARED + "exec INSPECT").stderr());
        assertEquals(1, builds());
        // Of the present, and so older than it was.
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(1)));
        assertEquals(0, sh(UNPREPARED + "exec INSPECT").status());
        assertEquals(2, builds());
    }

    @Test
    void shouldPrepareOnceForAJarFromTheFuture() throws Exception {
        assertEquals(0, sh(UNPREPARED + "exec INSPECT").status());
        Path jar = tree.resolve("cli/target/jukvm/jukvm.jar");
        Files.setLastModifiedTime(jar, FileTime.from(Instant.now().plus(Duration.ofDays(900))));
        assertTrue(sh("exec INSPECT").stderr().startsWith("jukvm: preparing for Java "));
        assertEquals("", sh("exec INSPECT").stderr());
    }

    @Test
    void shouldTouchNothingOutsideItsOwnFolders() throws Exception {
        assertEquals(0, sh("exec INSPECT").status());
        assertEquals("", Files.readString(folder.resolve("seen")));
        try (Stream<Path> left = Files.list(folder.resolve("tmp"))) {
            assertEquals(List.of(), left.toList());
        }
    }

    @Test
    void shouldSayThatATreeCannotBeWritten() throws Exception {
        Command run =
                Root.mounted(
                        folder,
                        "mount --bind TREE TREE; mount -o remount,bind,ro TREE"
                                .replace("TREE", "" + tree),
                        environment + "exec " + script + " inspect " + IMAGE);
        Refusal.assertRefused(run, "is to be built, but " + tree + "/cli/target cannot be written");
    }

    @Test
    void shouldRunWhereThereIsNoRoomToPrepare() throws Exception {
        assertEquals(0, sh(UNPREPARED + "exec INSPECT").status());
        Path start = tree.resolve("cli/target/jukvm/start");
        String run = script + " inspect " + IMAGE + " >" + folder + "/out";
        Command full =
                Root.mounted(
                        folder,
                        "mount -t tmpfs -o size=1m none "
                                + start
                                + "; head -c 900000 /dev/zero >"
                                + start
                                + "/fill",
                        environment + run + " && exec " + run);
        assertEquals(0, full.status(), full::toString);
        assertTrue(Files.readString(folder.resolve("out")).startsWith("file "), full::toString);
        for (String line : full.stderr().lines().toList()) {
            assertTrue(line.startsWith("jukvm: preparing for Java "), full.stderr());
        }
    }
}
