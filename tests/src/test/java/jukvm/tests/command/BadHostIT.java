package jukvm.tests.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import jukvm.tests.support.Command;
import jukvm.tests.support.Guests;
import jukvm.tests.support.Launcher;
import jukvm.tests.support.Refusal;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Root;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Hosts on which a guest cannot be run, or not as usual, through the whole command. */
@RequiresKvm
final class BadHostIT {
    private static final String HELLO = Guests.prebuilt("hello.hvt").toString();
    private static final String LEGACY = Guests.prebuilt("hello.ukvm").toString();
    private static final String EXEC = "exec \"$@\"";

    @TempDir private Path folder;

    @Test
    void shouldSayThatKvmIsNotPermittedAndWhatToDo() throws Exception {
        Path device = Files.createFile(folder.resolve("kvm"));
        Refusal.assertRefused(
                Root.mounted(
                        folder,
                        "chmod 0 " + device + "; mount --bind " + device + " /dev/kvm",
                        Root.WITHOUT_OVERRIDE,
                        "run",
                        HELLO),
                "jukvm: /dev/kvm: open: EACCES (Permission denied). Add this user to the group");
    }

    @Test
    void shouldSayThatKvmIsMissingAndWhatToDo() throws Exception {
        Path dev = Files.createDirectory(folder.resolve("dev"));
        String copies =
                "for f in null zero random urandom; do touch DEV/$f; mount --bind /dev/$f DEV/$f;"
                        + " done";
        Refusal.assertRefused(
                Root.mounted(
                        folder,
                        ("mount -t tmpfs none DEV; "
                                        + copies
                                        + "; mount --rbind DEV /dev; mount -t tmpfs none"
                                        + " /sys/module")
                                .replace("DEV", dev.toString()),
                        EXEC,
                        "run",
                        HELLO),
                "jukvm: /dev/kvm: open: ENOENT (No such file or directory). ",
                "modprobe kvm_");
    }

    // There is no host that has another version.
    @Test
    void shouldSayThatKvmDoesNotAnswerForItsVersion() throws Exception {
        Refusal.assertRefused(
                Root.mounted(folder, "mount --bind /dev/null /dev/kvm", EXEC, "run", HELLO),
                "jukvm: /dev/kvm: KVM_GET_API_VERSION: ENOTTY (Inappropriate ioctl for device)");
    }

    @ParameterizedTest
    @CsvSource({
        "-n 20, only 20 files may be open (ulimit -n); 32 are needed",
        "-v 1000000, only 1000000 KiB of addresses may be used (ulimit -v); a JVM needs 4194304"
    })
    void shouldNameTheLimitThatKeepsAJvmFromStarting(String limit, String fact) throws Exception {
        Path script = Launcher.install(folder);
        Command run =
                Command.shell("ulimit " + limit + "; exec " + script + " run " + HELLO, "unused");
        Refusal.assertRefused(run, fact);
    }

    @Test
    void shouldNameTheLimitOfAddresses() throws Exception {
        Refusal.assertRefused(
                Command.shell(
                        "ulimit -v 9000000; java=$1; shift; exec \"$java\" -Xmx64m \"$@\"",
                        "run",
                        HELLO),
                "mmap of 8589934592 bytes: ENOMEM (Cannot allocate memory)",
                "ulimit -v");
    }

    // The JVM's own words, for it needs threads before it runs anything of ours.
    @Test
    void shouldEndAtOnceWithoutThreads() throws Exception {
        Root.assumeRoot();
        Command run =
                Command.shell(
                        "exec setpriv --reuid=65534 --regid=65534 --clear-groups prlimit --nproc=1"
                                + " \"$@\"",
                        "run",
                        HELLO);
        assertEquals(1, run.status());
        assertTrue((run.stdout() + run.stderr()).contains("resource"), run.stdout());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "<&-", ">&-", "2>&-", "<&- >&-", "<&- 2>&-", ">&- 2>&-", "<&- >&- 2>&-"})
    void shouldNeverWriteOutputToADisk(String closed) throws Exception {
        Path disk = Files.write(folder.resolve("disk"), new byte[8192]);
        Path report = folder.resolve("report.json");
        String devices = "--disk=" + disk;
        Command.shell(EXEC + " " + closed, "run", "--report", report + "", devices, LEGACY, "x");
        assertArrayEquals(new byte[8192], Files.readAllBytes(disk));
        String json = Files.readString(report);
        assertTrue(json.contains("\"exited\""), json);
        // And a line for the operator, of which there is none above.
        Command.shell(EXEC + " " + closed, "run", devices, LEGACY, "x".repeat(9000));
        assertArrayEquals(new byte[8192], Files.readAllBytes(disk));
    }

    // The script opens what is closed.
    @Test
    void shouldRunByTheScriptWithAllDescriptorsClosed() throws Exception {
        Path script = Launcher.install(folder);
        Path disk = Files.write(folder.resolve("disk"), new byte[8192]);
        Command run =
                Command.shell(
                        script + " run --disk=" + disk + " " + LEGACY + " <&- >&- 2>&-", "unused");
        assertEquals(0, run.status());
        assertArrayEquals(new byte[8192], Files.readAllBytes(disk));
    }

    @Test
    void shouldSayWhatTheNativeBindingNeeds() throws Exception {
        Path app = Launcher.app(folder.resolve("app"), "libjnidispatch");
        Refusal.assertRefused(
                java(app, "-Djna.boot.library.path=" + app.resolve("lib")),
                "the native binding 'jna' cannot be loaded: java.lang.UnsatisfiedLinkError",
                "The script jukvm sets what it needs: -Djna.boot.library.path");
    }

    @ParameterizedTest
    @CsvSource({
        "jna, jna-, the native binding 'jna' cannot be loaded: java.lang.NoClassDefFoundError",
        "jnr, jnr-ffi, -Djukvm.native=jnr: jnr-ffi is not on the class path; add com.github.jnr"
    })
    void shouldSayWhichJarIsMissing(String binding, String jar, String fact) throws Exception {
        Path app = Launcher.app(folder.resolve("app"), jar);
        Refusal.assertRefused(java(app, "-Djukvm.native=" + binding), fact);
    }

    private static Command java(Path app, String option) throws Exception {
        return Command.shell(
                "java=$1; shift; exec \"$java\" -Dslf4j.internal.verbosity=ERROR"
                        + " -Djna.nounpack=true -Djna.nosys=true "
                        + option
                        + " -jar "
                        + app.resolve("jukvm.jar")
                        + " run "
                        + HELLO,
                "unused");
    }

    // Nothing is unpacked, so that it does not matter where nothing could be.
    @Test
    void shouldNotNeedAPlaceToUnpackLibraries() throws Exception {
        Path temporary = Files.createDirectory(folder.resolve("tmp"));
        Command run =
                Root.mounted(
                        folder,
                        "mount -t tmpfs -o ro,noexec none " + temporary,
                        "export HOME="
                                + temporary
                                + "; java=$1; shift; exec \"$java\" -Djava.io.tmpdir="
                                + temporary
                                + " \"$@\"",
                        "run",
                        HELLO);
        assertEquals("", run.stderr());
        assertEquals(0, run.status());
    }

    // The JDK that built it runs it, if JAVA_HOME's is too old.
    @Test
    void shouldPassOverAnOldJdk() throws Exception {
        Path script = Launcher.install(Files.createDirectory(folder.resolve("jukvm")));
        Path old = Files.createDirectory(folder.resolve("jdk-11"));
        Files.writeString(old.resolve("release"), "JAVA_VERSION=\"11.0.2\"\n");
        Path java = Files.createDirectory(old.resolve("bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\necho old >&2\nexit 3\n");
        assertTrue(java.toFile().setExecutable(true));
        String line = "JAVA_HOME=" + old + " exec " + script + " run " + HELLO;
        // The first use by a Java that is not JAVA_HOME's may have something to prepare.
        assertEquals(0, Command.shell(line, "unused").status());
        Command run = Command.shell(line, "unused");
        assertEquals("", run.stderr());
        assertEquals(0, run.status());
        Refusal.assertRefused(
                Command.shell("JAVA_HOME=/none exec " + script + " run " + HELLO, "unused"),
                "JAVA_HOME: there is no /none/bin/java");
    }
}
