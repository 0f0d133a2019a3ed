package jukvm.tests.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import jukvm.junit.Required;
import jukvm.tests.support.Command;
import jukvm.tests.support.Guests;
import jukvm.tests.support.Launcher;
import jukvm.tests.support.Refusal;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Root;
import jukvm.tests.support.SystemCallFilter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Hosts and containers in which a JVM does not start by itself, or would say what we do not. */
@RequiresKvm
final class StrangeHostIT {
    private static final String HELLO = Guests.prebuilt("hello.hvt").toString();
    private static final String GREETING = "Hello from a jukvm guest (hvt 2)\ncommand line: \n";

    @TempDir private Path folder;
    private final Path script = Launcher.common();

    private Command sh(String line) throws Exception {
        return Command.sh(line.replace("$J", "" + script).replace("$H", HELLO));
    }

    private static void assertGreets(Command run) {
        assertEquals(GREETING, run.stdout(), run::toString);
        assertEquals("", run.stderr());
        assertEquals(0, run.status());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "JAVA_TOOL_OPTIONS=-XX:+UseZGC",
                "JAVA_TOOL_OPTIONS=-Xshare:off",
                "JAVA_TOOL_OPTIONS=-Xmx4m",
                "JDK_JAVA_OPTIONS=-XX:+UseParallelGC",
                "JDK_JAVA_OPTIONS=--no-such-option",
                "_JAVA_OPTIONS=-Xmx4m",
                "_JAVA_LAUNCHER_DEBUG=1"
            })
    void shouldPassOverOptionsForEveryJvm(String variable) throws Exception {
        assertGreets(sh("exec env " + variable + " $J run $H"));
    }

    @Test
    void shouldHaveTheJvmSayNothingToTheGuestsOutput() throws Exception {
        Files.createFile(folder.resolve(".hotspotrc")); // Of which the JVM says that it passes it.
        assertEquals(GREETING, sh("cd " + folder + " && exec $J run $H").stdout());
        Command refused = sh("JUKVM_JAVA_OPTIONS='-Xms9m -Xmx8m' exec $J run $H");
        assertEquals("", refused.stdout());
        assertTrue(refused.stderr().contains("heap"), refused.stderr());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "exec 9</dev/null;"})
    void shouldRunInAWorkingDirectoryThatIsGone(String before) throws Exception {
        Path gone = folder.resolve("gone");
        Files.copy(Path.of(HELLO), folder.resolve("beside.hvt"));
        String enter = "mkdir " + gone + "; cd " + gone + "; rmdir " + gone + "; " + before;
        String quiet = " 2>&1 | grep -v getcwd"; // Which the shell itself says.
        assertEquals(GREETING, sh(enter + " $J run $H" + quiet).stdout());
        assertEquals(GREETING, sh(enter + " $J run ../beside.hvt" + quiet).stdout());
        Command none = sh(enter + " $J run beside.hvt" + quiet);
        assertEquals(
                "jukvm: beside.hvt: cannot open: ENOENT (No such file or directory)\n",
                none.stdout());
    }

    @Test
    void shouldSayThatAColonIsInThePath() throws Exception {
        Path colon = Files.createDirectory(folder.resolve("at 11:30"));
        Command run = sh("exec '" + Launcher.install(colon) + "' run $H");
        Refusal.assertRefused(run, "at 11:30", "Java cannot be given a path with ':'");
    }

    @Test
    void shouldSayThatAFileSystemIsMountedNoexec() throws Exception {
        Command run =
                Root.mounted(
                        folder,
                        "mount --bind TREE TREE; mount -o remount,bind,noexec TREE"
                                .replace("TREE", "" + script.getParent()),
                        "sh "
                                + script
                                + " run "
                                + HELLO
                                + " 2>"
                                + folder
                                + "/err || true; tail -n1 "
                                + folder
                                + "/err >&2; exit 1");
        Refusal.assertRefused(run, "libjnidispatch.so: failed to map segment", "mounted noexec");
    }

    @Test
    void shouldRunWithoutProc() throws Exception {
        assertGreets(
                Root.mounted(
                        folder, "mount -t tmpfs none /proc", "exec " + script + " run " + HELLO));
    }

    @ParameterizedTest
    @CsvSource({
        "90000, '', only 90000 KiB of data may be used (ulimit -d); a JVM needs 98304",
        "300000, '', 'mmap of 536870912 bytes: ENOMEM (Cannot allocate memory)'",
        "300000, '', data (ulimit -d 300000 KiB)"
    })
    void shouldNameTheLimitOfData(int kibibytes, String option, String fact) throws Exception {
        Command run = sh("ulimit -d " + kibibytes + "; exec $J run " + option + " $H");
        Refusal.assertRefused(run, fact);
        assertFalse(run.stderr().contains("ulimit -v"), run.stderr());
    }

    @ParameterizedTest
    @CsvSource({"38, statx clone3 PAGEMAP_SCAN", "1, PAGEMAP_SCAN memfd_create"})
    void shouldRunWhereAFilterKnowsNoNewSystemCalls(int errno, String calls) throws Exception {
        Path filter = SystemCallFilter.build(folder);
        assumeTrue(filter != null, "needs gcc");
        assertGreets(sh("exec " + filter + " " + errno + " '" + calls + "' $J run $H"));
    }

    @Test
    void shouldEscapeANameInAMessage() throws Exception {
        String name = "$(printf 'a\\033[31m\\nb')";
        Command run = sh("exec $J run \"" + name + "\"");
        Refusal.assertRefused(run, "a\\x1b[31m\\x0ab: cannot open: ENOENT");
        Command java = sh("JUKVM_JAVA_HOME=\"" + name + "\" exec $J run $H");
        Refusal.assertRefused(java, "JUKVM_JAVA_HOME: there is no a?[31m?b/bin/java");
    }

    @Test
    void shouldSayThatAContainerLacksTheDevice() throws Exception {
        boolean module =
                Files.exists(Path.of("/sys/module/kvm_intel"))
                        || Files.exists(Path.of("/sys/module/kvm_amd"))
                        || Files.exists(Path.of("/sys/module/kvm_pvm"));
        assumeTrue(module || Required.names("root"), "KVM is built in");
        Path dev = Files.createDirectory(folder.resolve("dev"));
        Command doctor =
                Root.mounted(
                        folder,
                        ("mount -t tmpfs none DEV; for f in null zero random urandom; do touch"
                                        + " DEV/$f; mount --bind /dev/$f DEV/$f; done; mount"
                                        + " --rbind DEV /dev")
                                .replace("DEV", dev.toString()),
                        "exec \"$@\"",
                        "doctor");
        assertTrue(
                doctor.stdout()
                        .contains("is loaded, so the host has it: give it to this container"),
                doctor.stdout());
        assertEquals(1, doctor.status());
    }
}
