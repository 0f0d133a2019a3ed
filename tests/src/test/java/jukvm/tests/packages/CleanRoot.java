package jukvm.tests.packages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import jukvm.junit.Required;
import jukvm.tests.support.Command;

/**
 * A Debian 12 with a JRE and nothing else, in a folder. Its user {@code anna} is in the group kvm.
 * Each command in it has its mounts to itself, so nothing is left mounted however it ends.
 */
final class CleanRoot {
    private static final Duration PATIENCE = Duration.ofMinutes(15);
    private static final String DEBOOTSTRAP =
            "exec debootstrap --variant=minbase --include=openjdk-17-jre-headless bookworm \"$0\"";
    private static final String PREPARE =
            "chmod 755 / && groupadd -r kvm && useradd -m -G kvm anna"
                    + " && mknod -m 660 /dev/kvm c 10 232 && chgrp kvm /dev/kvm";
    private static final String CHROOT =
            "mount -t proc proc \"$0/proc\" && exec env -i"
                    + " PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
                    + " chroot \"$0\" sh -c \"$1\"";

    // What dpkg and its log keep to themselves is not looked at.
    private static final String LIST =
            "find / -xdev \\( -path /proc -o -path /var/lib/dpkg -o -path /var/log \\) -prune"
                    + " -o -printf '%p %y %m %U:%G %l\\n' | sort";

    private final Path folder;

    private CleanRoot(Path folder) {
        this.folder = folder;
    }

    /** Makes one, which takes most of a minute; skips the tests where it cannot be fetched. */
    static CleanRoot make() throws IOException, InterruptedException {
        CleanRoot root = new CleanRoot(Files.createTempDirectory("jukvm-root"));
        Command made = root.inMounts(DEBOOTSTRAP);
        if (made.status() != 0) {
            root.remove();
            String log = made.stdout() + made.stderr();
            if (Required.names(RequiresPackages.NAME)) {
                throw new IllegalStateException("debootstrap failed: " + log);
            }
            assumeTrue(false, "debootstrap failed: " + log);
        }
        root.succeed(PREPARE);
        return root;
    }

    /** Copies a file into it; only root may write it there. */
    void add(Path file, String path) throws IOException {
        Files.copy(file, folder.resolve(path.substring(1)));
    }

    /** Runs a shell script in it as root. */
    Command run(String script) throws IOException, InterruptedException {
        return inMounts(CHROOT, script);
    }

    /** Runs a shell script in it as anna. */
    Command runAsAnna(String script) throws IOException, InterruptedException {
        String quoted = script.replace("'", "'\\''");
        return run("cd /home/anna && exec su anna -c '" + quoted + "'");
    }

    /** Runs a shell script in it as root, which must end well and say nothing on stderr. */
    String succeed(String script) throws IOException, InterruptedException {
        Command run = run(script);
        assertEquals("", run.stderr(), script);
        assertEquals(0, run.status(), script);
        return run.stdout();
    }

    /** Returns all files, but for what dpkg notes: paths, types, rights, owners, targets. */
    String files() throws IOException, InterruptedException {
        return succeed(LIST);
    }

    private Command inMounts(String script, String... argument)
            throws IOException, InterruptedException {
        String[] line = {"unshare", "--mount", "sh", "-c", script, folder.toString(), ""};
        if (argument.length > 0) {
            line[line.length - 1] = argument[0];
        }
        return Command.program(PATIENCE, Map.of(), line);
    }

    /** Removes it. */
    void remove() throws IOException, InterruptedException {
        inMounts("exec rm -rf --one-file-system \"$0\"");
    }
}
