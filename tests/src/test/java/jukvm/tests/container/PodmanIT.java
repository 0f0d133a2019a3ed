package jukvm.tests.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import jukvm.tests.support.Command;
import jukvm.tests.support.DaemonFixture;
import jukvm.tests.support.Guests;
import jukvm.tests.support.Namespace;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.RequiresProgram;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Guests as containers of podman, which has no daemon. */
@RequiresKvm
@RequiresProgram("podman")
final class PodmanIT {
    private static final Pattern LINE =
            Pattern.compile("^podman (--runtime /.*)$", Pattern.MULTILINE);

    @TempDir Path folder;

    private Namespace network;

    @BeforeEach
    void makeNetwork() throws Exception {
        network = Namespace.open();
        network.shell("ip link set lo up");
        Files.writeString(
                folder.resolve("conf"),
                """
                [containers]
                default_ulimits = []
                [network]
                network_backend = "cni"
                network_config_dir = "FOLDER/cni"
                cni_plugin_dirs = ["/usr/lib/cni"]
                """
                        .replace("FOLDER", folder.toString()));
        // By hand, since podman's own networks leave files elsewhere.
        Files.writeString(
                Files.createDirectory(folder.resolve("cni")).resolve("own.conflist"),
                """
                {"cniVersion": "0.4.0", "name": "own", "plugins": [
                 {"type": "bridge", "bridge": "own0", "isGateway": true, "ipMasq": true,
                  "ipam": {"type": "host-local", "dataDir": "FOLDER/addresses",
                           "ranges": [[{"subnet": "10.89.0.0/24"}]],
                           "routes": [{"dst": "0.0.0.0/0"}]}},
                 {"type": "portmap", "capabilities": {"portMappings": true}}]}
                """
                        .replace("FOLDER", folder.toString()));
        for (String guest : List.of("hello.hvt", "http.hvt", "block.hvt")) {
            Files.copy(Guests.prebuilt(guest), folder.resolve(guest));
        }
        Files.write(folder.resolve("disk"), new byte[1 << 20]);
    }

    @AfterEach
    void removeNetwork() throws Exception {
        sh("podman rm -f -a; podman rmi -f -a; umount -l $F/data $F/run 2>/dev/null; true");
        network.close();
    }

    /** Runs a script in which podman's containers and images are this test's alone. */
    private Command sh(String script) throws Exception {
        Map<String, String> environment =
                Map.of(
                        "F",
                        folder.toString(),
                        "CONTAINERS_CONF",
                        folder + "/conf",
                        "JUKVM_DAEMON",
                        "auto");
        String all =
                "set -e; cd $F; podman() { command podman --root $F/data --runroot $F/run"
                        + " --storage-driver=vfs --tmpdir $F/tmp \"$@\"; }; "
                        + script;
        List<String> line = network.line(List.of("sh", "-c", all));
        return Command.program(Command.PATIENCE, environment, line.toArray(String[]::new));
    }

    private String succeed(String script) throws Exception {
        Command run = sh(script);
        assertEquals(0, run.status(), run::toString);
        return run.stdout();
    }

    @Test
    void shouldDoAsThePageSays() throws Exception {
        String page = Files.readString(Guests.ROOT.resolve("docs/containers.md"));
        List<String> lines =
                LINE.matcher(page)
                        .results()
                        .map(line -> line.group(1))
                        // Others are of a user without rights.
                        .filter(line -> line.endsWith("Hello from podman"))
                        // No limits are raised and no networks made.
                        .map(line -> line.replace("--rm", "--rm --network=none --ulimit=host"))
                        .toList();
        succeed("tar c hello.hvt | podman import -c 'ENTRYPOINT [\"/hello.hvt\"]' - hello");
        DaemonFixture node = DaemonFixture.common();
        try {
            node.startDaemon();
            Path runtime = DockerFixture.runtime(folder, node);
            for (String line : lines) {
                String printed =
                        succeed("podman " + line.replace("/usr/bin/jukvm-runtime", runtime + ""));
                assertTrue(printed.endsWith("command line: Hello from podman\n"), printed);
            }
            assertEquals(1, node.idle().served());
            assertEquals(2, lines.size());
        } finally {
            node.close();
        }
    }

    @Test
    void shouldGiveGuestsWhatTheyDeclare() throws Exception {
        String run = "podman --runtime " + DockerFixture.RUNTIME + " run --ulimit=host ";
        succeed("tar c http.hvt block.hvt disk | podman import - all");
        succeed(run + "-d --name web --network own -p 8081:80 all /http.hvt");
        assertEquals(
                "Hello from a jukvm guest\n",
                succeed("curl -s --retry 9 --retry-all-errors http://localhost:8081/"));
        succeed("podman stop web; podman rm web");
        String printed =
                succeed(
                        run
                                + "--rm --network none --annotation jukvm.block.storage=/disk"
                                + " all /block.hvt");
        assertTrue(printed.endsWith("SUCCESS\n"), printed);
    }

    @Test
    void shouldServeInAPod() throws Exception {
        String podman = "podman --runtime " + DockerFixture.RUNTIME + " ";
        succeed("tar c http.hvt | podman import - web");
        succeed(podman + "pod create --name shop --network own -p 8082:80");
        succeed(podman + "run --ulimit=host -d --name guest --pod shop web /http.hvt");
        String ask = "curl -s --retry 9 --retry-all-errors http://";
        assertEquals("Hello from a jukvm guest\n", succeed(ask + "localhost:8082/"));
        String address = "$(podman inspect -f '{{.NetworkSettings.Networks.own.IPAddress}}' guest)";
        assertEquals("Hello from a jukvm guest\n", succeed(ask + address + "/"));
        succeed("podman pod rm -f shop");
    }
}
