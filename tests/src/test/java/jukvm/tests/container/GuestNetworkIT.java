package jukvm.tests.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jukvm.tests.support.BackgroundCommand;
import jukvm.tests.support.Command;
import jukvm.tests.support.DaemonFixture;
import jukvm.tests.support.Guests;
import jukvm.tests.support.Namespace;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.RequiresProgram;
import jukvm.tests.support.RequiresRoot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A guest in place of its container on the network, by the container runtime alone. */
@RequiresKvm
@RequiresRoot
@RequiresProgram({"runc", "crun", "tc", "nft", "bash", "perl"})
final class GuestNetworkIT {
    private static final String OWN = "{\"type\":\"network\"}";
    private static final int KILLS = 10;

    @TempDir Path folder;

    private RuncBundle bundle;
    private Namespace own;
    private Namespace world;

    @BeforeEach
    void makeNetwork() throws Exception {
        bundle = new RuncBundle(folder, List.of("http.hvt"));
        own = Namespace.open();
        world = Namespace.open();
        own.join(world, "10.0.0.2/24", "10.0.0.1/24", 1400);
        own.shell("ip route add default via 10.0.0.1");
    }

    @AfterEach
    void removeNetwork() throws Exception {
        bundle.remove();
        own.close();
        world.close();
    }

    /** Configures a container of the guest in a network namespace. */
    private void configure(String args, Path namespace) throws Exception {
        configure(bundle, args, namespace);
    }

    private static void configure(RuncBundle bundle, String args, Path namespace) throws Exception {
        bundle.configure("\"/http.hvt\"," + args);
        bundle.replace(OWN, OWN.replace("}", ",\"path\":\"" + namespace + "\"}"));
    }

    private void assertAnswers() throws Exception {
        assertAnswers(world, "10.0.0.2");
    }

    private static void assertAnswers(Namespace from, String host) throws Exception {
        String ask =
                "exec 3<>/dev/tcp/HOST/80; printf 'GET / HTTP/1.1\\r"
                        + "\\n"
                        + "Host: a\\r"
                        + "\\n"
                        + "Connection: close\\r"
                        + "\\n"
                        + "\\r"
                        + "\\n"
                        + "' >&3; cat <&3";
        Namespace.Result answer = from.run("bash", "-c", ask.replace("HOST", host));
        assertTrue(answer.output().contains("Hello from a jukvm guest"), answer::toString);
    }

    private void assertNothingIsLeft() throws Exception {
        assertFalse(own.shell("ip -o link").contains("jukvm"));
        assertFalse(own.shell("tc qdisc").contains("ingress"));
        assertEquals("", own.shell("nft list ruleset"));
        assertEquals(
                "0: from all lookup local",
                own.shell("ip rule | head -n 1 | tr '\\t' ' '").strip());
    }

    /** Starts a process in the network, as a pod has others: it serves what it is called. */
    private BackgroundCommand startSidecar() throws Exception {
        String serve =
                "$| = 1; $s = IO::Socket::INET->new(Listen => 5, LocalPort => 8080) or die; print"
                        + " qq(up\\n); while ($c = $s->accept) { print $c qq(sidecar\\n) }";
        own.shell("ip link set lo up");
        BackgroundCommand sidecar =
                BackgroundCommand.start(
                        own.line(List.of("perl", "-MIO::Socket::INET", "-e", serve)));
        sidecar.awaitOutput("up\n");
        return sidecar;
    }

    @ParameterizedTest
    @ValueSource(strings = {"runc", "crun"})
    void shouldTellAGuestItsAddressByDhcp(String lowLevel) throws Exception {
        configure("\"limit=1\"", own.path());
        bundle.replace("\"uid\":0,\"gid\":0", "\"uid\":1234,\"gid\":1234");
        String mac = own.shell("ip -o link show eth0");
        try (BackgroundCommand container = bundle.start(lowLevel)) {
            container.awaitOutput("address 10.0.0.2/24, gateway 10.0.0.1, MTU is 1400");
            assertAnswers();
            Command ended = container.await();
            assertEquals(0, ended.status(), ended::toString);
        }
        String neighbour = world.shell("ip neigh show 10.0.0.2");
        String address = neighbour.replaceFirst("(?s).* lladdr ([0-9a-f:]+).*", "$1");
        assertTrue(mac.contains("link/ether " + address), neighbour);
        assertNothingIsLeft();
    }

    @Test
    void shouldTellAGuestItsAddressByArguments() throws Exception {
        configure("\"limit=1\",\"--ipv4={ipv4}\",\"--ipv4-gateway={ipv4-gateway}\"", own.path());
        // The hook is told these, too, beside the process that it looks for.
        String hostile = "\"annotations\":{\"pid\":\"1\",\"a\":\"\\\"pid\\\":1,\"},";
        bundle.replace("\"root\":{", hostile + "\"root\":{");
        try (BackgroundCommand container = bundle.start("runc")) {
            container.awaitOutput("address 10.0.0.2/24, gateway 10.0.0.1");
            assertAnswers();
            Command ended = container.await();
            assertEquals(0, ended.status(), ended::toString);
        }
        assertNothingIsLeft();
    }

    @Test
    void shouldCallTheInterfaceAsMostNetworksDo() throws Exception {
        own.shell("ip link set dev eth0 down name tap0; ip link set dev tap0 up");
        own.shell("ip route add default via 10.0.0.1");
        configure("\"limit=1\"", own.path());
        try (BackgroundCommand container = bundle.start("runc")) {
            container.awaitOutput("address 10.0.0.2/24, gateway 10.0.0.1, MTU is 1400");
            assertAnswers();
            assertEquals(0, container.await().status());
        }
        assertTrue(own.shell("ip link show tap0").contains(" eth0"));
        assertNothingIsLeft();
    }

    @Test
    void shouldLeaveTheWayOfTheEnginesNameServerOpen() throws Exception {
        Path servers = folder.resolve("resolv.conf");
        Files.writeString(servers, "nameserver 127.0.0.11\noptions ndots:0\n");
        configure("\"limit=1\"", own.path());
        bundle.mount(servers, "/etc/resolv.conf", "ro");
        try (BackgroundCommand container = bundle.start("runc")) {
            container.awaitOutput("serves HTTP");
            String ports = own.shell("cat /proc/sys/net/ipv4/ip_local_port_range");
            assertEquals("60416\t61439\n", ports);
            // It knows the way, though answers to ARP are the guest's, too.
            own.shell("ping -c 1 -w 1 10.0.0.1 >/dev/null || true; ip neigh | grep lladdr");
            assertAnswers();
            assertEquals(0, container.await().status());
        }
        assertNothingIsLeft();
    }

    @ParameterizedTest
    @ValueSource(strings = {"runc", "crun"})
    void shouldShareANetworkInWhichOthersAre(String lowLevel) throws Exception {
        configure("\"limit=4\"", own.path());
        try (BackgroundCommand sidecar = startSidecar();
                BackgroundCommand container = bundle.start(lowLevel)) {
            container.awaitOutput("address 10.0.0.2/24, gateway 10.0.0.1, MTU is 1400");
            container.awaitOutput("serves HTTP");
            assertShares(sidecar);
            assertEquals(0, container.await().status());
        }
        assertNothingIsLeft();
    }

    // As CRI-O's has none of its own, where the guest's container may be the first.
    @Test
    void shouldShareTheNetworkOfAPodWithThoseWhoCome() throws Exception {
        configure("\"limit=4\"", own.path());
        String pod = "\"annotations\":{\"io.kubernetes.cri-o.SandboxID\":\"f00d\"},";
        bundle.replace("\"root\":{", pod + "\"root\":{");
        try (BackgroundCommand container = bundle.start("runc")) {
            container.awaitOutput("serves HTTP");
            try (BackgroundCommand sidecar = startSidecar()) {
                assertShares(sidecar);
            }
            assertEquals(0, container.await().status());
        }
        assertNothingIsLeft();
    }

    private void assertShares(BackgroundCommand sidecar) throws Exception {
        assertAnswers(own, "127.0.0.1");
        assertAnswers();
        assertAnswers(own, "10.0.0.2");
        String ask = "bash -c 'exec 3<>/dev/tcp/HOST/8080; head -n 1 <&3'";
        assertEquals("sidecar\n", world.shell(ask.replace("HOST", "10.0.0.2")));
        assertEquals("sidecar\n", own.shell(ask.replace("HOST", "10.0.0.2")));
        assertEquals("sidecar\n", own.shell(ask.replace("HOST", "127.0.0.1")));
        assertEquals("", own.shell("ping -c 1 -w 60 10.0.0.1 >/dev/null"));
        assertTrue(sidecar.isAlive());
        assertAnswers();
    }

    @Test
    void shouldLeaveAnInterfaceToTheGuestThatHasIt() throws Exception {
        configure("\"limit=1\"", own.path());
        RuncBundle other =
                new RuncBundle(Files.createDirectory(folder.resolve("other")), List.of("http.hvt"));
        configure(other, "\"x\"", own.path());
        try (BackgroundCommand container = bundle.start("runc")) {
            container.awaitOutput("serves HTTP");
            Command run = other.run();
            assertEquals(1, run.status(), run::toString);
            assertTrue(run.stderr().contains("eth0 is taken by another guest"), run::toString);
            assertAnswers();
            assertEquals(0, container.await().status());
        } finally {
            other.remove();
        }
        assertNothingIsLeft();
    }

    // Its hook goes on when a runtime is killed; the network may be another container's by then.
    @Test
    void shouldWireNothingForAContainerThatHasEnded() throws Exception {
        Path script = Guests.ROOT.resolve("cli/src/main/launcher/network.sh");
        String inode = ":" + own.shell("stat -Lc %i /proc/self/ns/net").strip() + " ";
        String hook = "echo '{\"pid\": '$0'}' | sh \"$1\" up 1 0 none; echo status $?";
        try (BackgroundCommand other =
                        BackgroundCommand.start(
                                own.line(
                                        List.of(
                                                "flock",
                                                "--no-fork",
                                                "/proc/self/ns/net",
                                                "sh",
                                                "-c",
                                                "echo at work; exec sleep 1000")));
                BackgroundCommand container =
                        BackgroundCommand.start(own.line(List.of("sleep", "1000")))) {
            other.awaitOutput("at work");
            try (BackgroundCommand late =
                    BackgroundCommand.start(
                            List.of("sh", "-c", hook, container.pid() + "", script + ""))) {
                awaitWaiting(inode);
                container.stop();
                other.stop();
                late.awaitOutput("status 1\n");
                assertEquals("jukvm-runtime: the container has ended\n", late.errors());
            }
        }
        assertNothingIsLeft();
    }

    private static void awaitWaiting(String inode) throws Exception {
        long start = System.nanoTime();
        while (Files.readAllLines(Path.of("/proc/locks")).stream()
                .noneMatch(line -> line.contains("->") && line.contains(inode))) {
            assertTrue(System.nanoTime() - start < Command.PATIENCE.toNanos(), "nobody waits");
            Thread.sleep(5);
        }
    }

    @Test
    void shouldSayThatThereIsNoNetwork() throws Exception {
        bundle.configure("\"/http.hvt\"");
        Command run = bundle.run();
        assertEquals(1, run.status(), run::toString);
        assertEquals("", run.stdout());
        assertTrue(
                run.stderr()
                        .startsWith("jukvm: Could not attach interface: eth0: there is no such"),
                run::toString);
        assertEquals(1, run.stderr().lines().count(), run::toString);
    }

    @Test
    void shouldNotTakeTheInterfacesOfTheHost() throws Exception {
        configure("\"x\"", Path.of("/proc/self/ns/net"));
        Command run = bundle.run();
        assertEquals(1, run.status(), run::toString);
        assertTrue(run.stderr().contains("those of the host are not to be taken"), run::toString);
        assertEquals(1, run.stderr().lines().count(), run::toString);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldLeaveTheNetworkToTheNextIfKilledAtAnyMoment(boolean isShared) throws Exception {
        assertIsLeftToTheNext(isShared);
    }

    @Test
    void shouldLeaveItSoWhereTheGuestsRunInTheNodesJvm() throws Exception {
        DaemonFixture node = DaemonFixture.common();
        try {
            node.startDaemon();
            String options = "--jvm=node --daemon=" + node.runtime();
            Path around = Files.createDirectory(folder.resolve("node"));
            bundle = new RuncBundle(around, List.of("http.hvt"), DockerFixture.RUNTIME, options);
            assertIsLeftToTheNext(true);
            assertEquals(1, node.idle().served());
        } finally {
            bundle.remove();
            node.close();
        }
    }

    private void assertIsLeftToTheNext(boolean isShared) throws Exception {
        configure("\"limit=1\"", own.path());
        String config = Files.readString(bundle.config);
        BackgroundCommand sidecar = isShared ? startSidecar() : null;
        for (int i = 0; i < KILLS; i++) {
            Files.writeString(bundle.config, config);
            bundle.killAfter(i * 60L);
            bundle.sh("runc delete --force $ID");
        }
        Files.writeString(bundle.config, config);
        try (BackgroundCommand container = bundle.start("runc")) {
            container.awaitOutput("serves HTTP");
            assertAnswers();
            Command ended = container.await();
            assertEquals(0, ended.status(), ended::toString);
        } finally {
            if (sidecar != null) {
                sidecar.close();
            }
        }
        assertNothingIsLeft();
    }
}
