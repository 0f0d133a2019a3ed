package jukvm.bench.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import jukvm.bench.Leftovers;
import jukvm.bench.Main;
import jukvm.bench.Required;
import jukvm.bench.experiment.Running.Ended;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hosts and directories that an experiment cannot do with, or not with all of it. */
final class BadBenchIT {
    private static final String NOBODY = "65534";

    @TempDir private Path folder;
    private Workplace workplace;

    @BeforeEach
    void make() throws Exception {
        Required.kvm();
        workplace = Workplace.make(Files.createDirectory(folder.resolve("place")));
    }

    private Ended bench(Path out) throws Exception {
        return Running.toEnd(workplace.line(Main.class, "--quick", "--out", out.toString()));
    }

    /** Runs a command line after a script of mounts, in a mount namespace of its own. */
    private static Ended mounted(String script, List<String> command) throws Exception {
        Required.mounts();
        List<String> line =
                new ArrayList<>(List.of("unshare", "--mount", "sh", "-ec", script, "sh"));
        line.addAll(command);
        return Running.toEnd(line);
    }

    @Test
    void shouldRefuseWhereResultsCannotGo() throws Exception {
        Path file = Files.createFile(folder.resolve("file"));
        bench(file).assertRefused("--out: " + file + " is a file, need a directory");
        bench(folder).assertRefused("--out: " + folder + " is not empty. Name another directory");
        bench(Path.of("/proc/results")).assertRefused("--out: /proc/results: cannot be written: ");
        Leftovers.assertNoFiles(workplace.temporary());
    }

    @Test
    void shouldRefuseAFullDisk() throws Exception {
        Path disk = Files.createDirectory(folder.resolve("disk"));
        Path out = disk.resolve("results");
        mounted(
                        "mount -t tmpfs -o size=1m none " + disk + "; exec \"$@\"",
                        workplace.line(Main.class, "--quick", "--out", out.toString()))
                .assertRefused(
                        "--out: " + out + ": its disk has 1024 KiB free, results need 16384");
    }

    @Test
    void shouldRefuseASecondExperimentAtTheSameTime() throws Exception {
        Path lock = workplace.temporary().resolve("jukvm-bench.lock");
        try (FileChannel first =
                FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            first.lock();
            bench(folder.resolve("results"))
                    .assertRefused("another jukvm bench is running on this host. Wait for its end");
        }
        assertTrue(Files.notExists(folder.resolve("results")));
    }

    @Test
    void shouldRefuseAHostWithoutKvm() throws Exception {
        Path out = folder.resolve("results");
        mounted(
                        "mount --bind /dev/null /dev/kvm; exec \"$@\"",
                        workplace.line(Main.class, "--quick", "--out", out.toString()))
                .assertRefused("/dev/kvm: KVM_GET_API_VERSION: ENOTTY");
        assertTrue(Files.notExists(out));
    }

    @Test
    void shouldRefuseAWorkingCopyWithoutItsGuests() throws Exception {
        Path hello = workplace.files().hello();
        Files.delete(hello);
        bench(folder.resolve("results")).assertRefused(hello + ": is missing. ");
    }

    @Test
    void shouldReportContainersAsMissingForWhoIsNotRoot() throws Exception {
        Required.runc();
        Path device = workplace.files().root().resolve("kvm");
        Files.setPosixFilePermissions(
                folder, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
        Ended ended =
                mounted(
                        ("mknod KVM c 10 232; chmod 666 KVM; mount --bind KVM /dev/kvm; exec"
                                        + " setpriv --reuid=ID --regid=ID --clear-groups \"$@\"")
                                .replace("KVM", device.toString())
                                .replace("ID", NOBODY),
                        workplace.withClasses().line(TinyBench.class));
        assertEquals(0, ended.status(), ended.toString());
        for (String id : List.of("process", "jukvm-cold", "jukvm-shell", "jukvm-cli")) {
            assertTrue(ended.stdout().contains("found " + id + "\n"), ended.toString());
        }
        for (String id : List.of("runc", "runc-tuned")) {
            assertTrue(
                    ended.stdout()
                            .lines()
                            .anyMatch(line -> line.matches("missing " + id + ": .+; run as root")),
                    ended.toString());
        }
        Leftovers.assertNoFiles(workplace.temporary());
    }

    @Test
    void shouldReportAllThatIsNotInstalledAsMissing() throws Exception {
        Ended ended =
                mounted(
                        "mount -t tmpfs none /usr/local/sbin; mount -t tmpfs none /usr/sbin; [ -L"
                                + " /sbin ] || mount -t tmpfs none /sbin; exec env PATH=/none"
                                + " \"$@\"",
                        workplace.line(TinyBench.class));
        assertEquals(0, ended.status(), ended.toString());
        String passt =
                ": passt: is not on PATH. Install passt, or attach a TAP interface or a socket"
                        + " instead; apt-get install passt";
        assertEquals(
                List.of(
                        "found process",
                        "found jukvm-cli",
                        "found jukvm-resident",
                        "found jukvm-cold",
                        "found jukvm-shell",
                        "found jukvm-snapshot",
                        "found jukvm-file",
                        "found http-process",
                        "missing echo: no echo on this host; apt-get install coreutils",
                        "missing runc: no runc on this host; apt-get install runc",
                        "missing runc-tuned: no runc on this host; apt-get install runc",
                        "missing crun: no crun on this host; apt-get install crun",
                        "missing ctr: no ctr on this host; apt-get install containerd",
                        "missing solo5-hvt: no solo5-hvt on this host; build it from Solo5's"
                                + " sources and put it on PATH",
                        "missing http-cold" + passt,
                        "missing http-shell" + passt,
                        "missing http-snapshot" + passt),
                ended.stdout().lines().toList());
    }
}
