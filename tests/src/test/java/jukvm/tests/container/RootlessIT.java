package jukvm.tests.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import jukvm.tests.support.Command;
import jukvm.tests.support.Guests;
import jukvm.tests.support.Namespace;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.RequiresProgram;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Guests as containers of an ordinary user's podman. That user is there in the mounts of this test
 * alone, and so are the rights that it has to the devices.
 */
@RequiresKvm
@RequiresProgram({"podman", "newuidmap", "slirp4netns", "catatonit", "setpriv", "nft", "runc"})
final class RootlessIT {
    private static final Pattern PAGE =
            Pattern.compile("```sh\n([^`]*podman pod [^`]*)```", Pattern.DOTALL);
    private static final String HELLO = "Hello from a jukvm guest\n";
    private static final String ID = "12345";

    private static final String MAKE =
            """
            set -e
            cp /etc/passwd /etc/group .
            echo 'test:x:ID:ID::FOLDER/home:/bin/sh' >>passwd
            echo 'test:x:ID:' >>group
            echo 'test:200000:131072' | tee subuid >subgid
            mknod kvm c 10 232
            mknod tun c 10 200
            chmod 666 kvm tun
            mkdir -m 700 home run
            chown ID:ID home run
            """;
    private static final String BECOME =
            """
            for file in passwd group subuid subgid; do
                mount --bind $file /etc/$file || exit
            done
            mount --bind kvm /dev/kvm && mount --bind tun /dev/net/tun || exit
            cd home
            exec setpriv --reuid ID --regid ID --clear-groups env -i HOME="$PWD" \\
                PATH=/usr/sbin:/usr/bin:/sbin:/bin XDG_RUNTIME_DIR=FOLDER/run \\
                CONTAINERS_CONF=FOLDER/conf sh -c "$1"
            """;
    private static final String CONF =
            """
            [containers]
            default_ulimits = []
            [engine]
            runtime = "runc"
            """;
    private static final String PODMAN =
            "set -e; podman() { command podman --storage-driver=vfs --cgroup-manager=cgroupfs"
                    + " --events-backend=file \"$@\"; }; ";

    private Path folder;
    private Namespace network;

    @BeforeEach
    void makeUser() throws Exception {
        // Not JUnit's, which its user alone may pass; and short, since sockets are in it.
        folder = Files.createDirectory(Path.of("/tmp/rl" + ProcessHandle.current().pid()));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        network = Namespace.open();
        network.shell("ip link set lo up");
        Files.writeString(folder.resolve("conf"), CONF);
        for (String guest : List.of("hello.hvt", "http.hvt", "block.hvt")) {
            Files.copy(Guests.prebuilt(guest), folder.resolve(guest));
        }
        assertEquals(0, root(MAKE).status());
    }

    @AfterEach
    void removeUser() throws Exception {
        // The last of these ends the process that keeps the user's namespaces.
        sh("podman pod rm -f -a; podman rm -f -a; podman system migrate");
        root("cd / && rm -rf FOLDER");
        network.close();
    }

    private Command root(String script) throws Exception {
        String here = "cd FOLDER; " + script;
        return Command.sh(here.replace("FOLDER", folder.toString()).replace("ID", ID));
    }

    /** Runs a script as the user, in whose home it is. */
    private Command sh(String script) throws Exception {
        String become = "cd FOLDER; " + BECOME;
        String all = become.replace("FOLDER", folder.toString()).replace("ID", ID);
        List<String> line =
                network.line(List.of("unshare", "--mount", "sh", "-c", all, "sh", PODMAN + script));
        return Command.program(Command.PATIENCE, Map.of(), line.toArray(String[]::new));
    }

    private String succeed(String script) throws Exception {
        Command run = sh(script);
        assertEquals(0, run.status(), run::toString);
        return run.stdout();
    }

    private void make(String image, String guest) throws Exception {
        String entry = " | podman import -c 'ENTRYPOINT [\"/GUEST\"]' - ";
        succeed(
                "tar -C .. -c GUEST".replace("GUEST", guest)
                        + entry.replace("GUEST", guest)
                        + image);
    }

    @Test
    void shouldDoAsThePageSays() throws Exception {
        make("hello", "hello.hvt");
        make("web", "http.hvt");
        String page = Files.readString(Guests.ROOT.resolve("docs/containers.md"));
        String script = PAGE.matcher(page).results().findFirst().orElseThrow().group(1);
        String printed =
                succeed(script.replace("/usr/bin/jukvm-runtime", DockerFixture.RUNTIME + ""));
        assertTrue(printed.contains("command line: Hello without root\n"), printed);
        assertEquals(2, printed.split(HELLO, -1).length - 1, printed);
    }

    @Test
    void shouldDoWhatContainersOfRootDo() throws Exception {
        make("hello", "hello.hvt");
        make("block", "block.hvt");
        make("web", "http.hvt");
        String run = "podman --runtime " + DockerFixture.RUNTIME + " run ";
        String port = "-p 8080:80 --network slirp4netns:port_handler=slirp4netns ";
        succeed(run + "-d --name web " + port + "web");
        String ask = "curl -s --retry 9 --retry-all-errors http://localhost:8080/";
        assertEquals(HELLO, succeed(ask));
        Command exec = sh("podman exec web sh");
        assertTrue(exec.stderr().contains("a unikernel has no programs"), exec::toString);
        succeed("podman stop -t 60 web");
        assertEquals("1\n", succeed("podman inspect -f '{{.State.ExitCode}}' web"));
        String disk = "truncate -s 1M disk; " + run + "-v $PWD/disk:/jukvm/block/storage block";
        assertTrue(succeed(disk).endsWith("SUCCESS\n"));
        for (String other : List.of("--user 1000", "--userns=keep-id", "--userns=auto")) {
            String printed = succeed(run + "--rm --cap-drop ALL --read-only " + other + " hello a");
            assertTrue(printed.endsWith("command line: a\n"), other);
        }
    }

    @Test
    void shouldSayThatTheUserMayNotRunGuests() throws Exception {
        make("hello", "hello.hvt");
        assertEquals(0, root("chmod 600 kvm").status());
        Command run = sh("podman --runtime " + DockerFixture.RUNTIME + " run --rm hello");
        assertEquals(1, run.status(), run::toString);
        assertTrue(run.stderr().contains("/dev/kvm: open: EACCES"), run::toString);
    }
}
