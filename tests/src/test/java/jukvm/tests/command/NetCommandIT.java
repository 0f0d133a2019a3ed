package jukvm.tests.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jukvm.junit.Required;
import jukvm.tests.support.Command;
import jukvm.tests.support.Namespace;
import jukvm.tests.support.Namespace.Result;
import jukvm.tests.support.Refusal;
import jukvm.tests.support.RequiresRoot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** TAP interfaces are made ready in a network namespace, and go without a trace. */
@RequiresRoot
final class NetCommandIT {
    private static final String STATE =
            "ip -o link | grep -v ' tap[0-9]*:'; ip -o -4 addr | grep -v ' tap[0-9]* ';"
                    + " ip route; nft list ruleset;"
                    + " cat /proc/sys/net/ipv4/conf/out/forwarding /proc/sys/net/ipv4/ip_forward";
    private static final String TAP0 = "tap0: of user nobody, 10.0.0.1/24, NAT by out\n";
    private static final String TAP1 = "tap1: of user nobody, 10.0.1.1/24, NAT by out\n";

    private Namespace host;

    @BeforeAll
    static void lookForNft() throws Exception {
        boolean isThere = Command.sh("PATH=$PATH:/usr/sbin; command -v ip nft").status() == 0;
        if (!isThere && Required.names("nft")) {
            throw new IllegalStateException("JUKVM_REQUIRE=nft, but ip or nft is not there");
        }
        assumeTrue(isThere, "ip or nft is not there");
    }

    @BeforeEach
    void open() throws Exception {
        host = Namespace.open();
        host.route("192.0.2.1");
        host.shell("echo 0 >/proc/sys/net/ipv4/ip_forward"); // A new one is as the host is.
    }

    @AfterEach
    void close() throws IOException {
        host.close();
    }

    private Result net(String... words) throws Exception {
        return net(List.of(), words);
    }

    private Result net(List<String> before, String... words) throws Exception {
        List<String> line = new ArrayList<>(before);
        line.addAll(Command.line("net"));
        line.addAll(List.of(words));
        return host.run(line.toArray(String[]::new));
    }

    private void assertGood(String expected, String... words) throws Exception {
        assertEquals(new Result(0, expected), net(words));
    }

    private void assertRefused(Result refused, String... parts) {
        Refusal.assertRefused(new Command(refused.status(), "", refused.output()), parts);
    }

    private String state() throws Exception {
        return host.shell(STATE);
    }

    @Test
    void shouldLeadOutByNatAndLeaveNothing() throws Exception {
        String before = state();
        assertTrue(before.endsWith("\n0\n0\n"), before);
        String run = "jukvm run --net:NAME=tap0 GUEST --ipv4=10.0.0.2/24 --ipv4-gateway=10.0.0.1\n";
        String[] up = {"up", "--user=nobody", "--nat", "tap0"};
        assertGood(TAP0 + run, up);
        String made = host.shell("ip -o link show tap0; " + STATE);
        assertTrue(made.contains("ip saddr 10.0.0.0/24 oifname \"out\" masquerade"), made);
        assertTrue(made.endsWith("\n1\n0\n"), made);
        assertGood(TAP0 + run, up);
        assertEquals(made, host.shell("ip -o link show tap0; " + STATE));
        assertGood(
                TAP1 + run.replace("tap0", "tap1").replace("10.0.0.", "10.0.1."),
                "up",
                "--user=nobody",
                "--nat",
                "tap1");
        assertGood(TAP0 + TAP1, "list");
        // The second needs the forwarding that the first began.
        assertGood("", "down", "tap0");
        assertTrue(state().endsWith("\n1\n0\n"), state());
        assertGood("", "down", "tap1", "tap0");
        assertEquals(before, state());
        assertEquals(new Result(1, ""), net("list", "tap0"));
    }

    @Test
    void shouldPlugIntoABridge() throws Exception {
        assertRefused(
                net("up", "--bridge=br0", "tap0"), "br0 does not exist", "ip link add br0 type");
        host.shell("ip link add br0 address 02:00:00:00:00:01 type bridge");
        String before = state();
        assertGood(
                "tap0: of user root, on bridge br0\njukvm run --net:NAME=tap0 GUEST\n",
                "up",
                "--bridge=br0",
                "tap0");
        assertTrue(host.shell("ip -o link show tap0").contains("master br0"));
        assertRefused(net("up", "tap0"), "tap0 is up already", "on bridge br0", "net down tap0");
        assertGood("", "down", "tap0");
        assertEquals(before, state());
    }

    @Test
    void shouldLeaveInterfacesOfOthersAlone() throws Exception {
        host.shell("ip tuntap add tap7 mode tap");
        assertRefused(net("up", "tap7"), "tap7: is an interface that jukvm net did not make");
        assertRefused(net("down", "tap7"), "tap7: is an interface that jukvm net did not make");
        host.shell("ip link show tap7");
    }

    @Test
    void shouldLeaveNothingOfWhatFails() throws Exception {
        String before = state();
        List<String> withoutNft =
                List.of(
                        "unshare",
                        "-m",
                        "sh",
                        "-c",
                        "mount --bind /dev/null \"$(command -v nft)\" && exec \"$@\"",
                        "sh");
        assertRefused(
                net(withoutNft, "up", "--nat", "tap0"), "nft: is not on PATH. Install nftables");
        assertRefused(net("up", "--user=nobodyatall", "tap0"), "ip tuntap add", "nobodyatall");
        List<String> ordinary =
                List.of("setpriv", "--reuid=65534", "--clear-groups", "--bounding-set=-all");
        assertRefused(net(ordinary, "up", "tap0"), "ip tuntap add", "Run it as root, by sudo");
        host.shell("ip route del default");
        assertRefused(net("up", "--nat", "tap0"), "--nat: the host has no default route");
        host.shell("ip route add default dev out");
        assertEquals(before, state());
        assertEquals(new Result(1, ""), host.run("sh", "-c", "ip -o link | grep tap0"));
    }

    @ParameterizedTest
    @CsvSource({
        "up x/y, 'x/y' is not the name of an interface",
        "up abcdefghijklmnop, 'abcdefghijklmnop' is not the name of an interface",
        "up all, 'all' is not the name of an interface",
        "down .., '..' is not the name of an interface",
        "up --user=a:b t, 'a:b' is not a user",
        "up --bridge=b;c t, 'b;c' is not a bridge",
        "up --bridge=b --nat t, --bridge: what is on a bridge",
        "up --address=10.0.0.0/24 t, --address: 10.0.0.0/24 is the address of no host",
        "up --address=10.0.0.1 t, --address: '10.0.0.1' is not ADDRESS/BITS",
        "up --address=10.0.0.1/24 t u, --address: is for one interface",
        "up, Missing required parameter",
        "'', Missing COMMAND"
    })
    void shouldRefuseMistakes(String words, String fact) {
        List<String> line = new ArrayList<>(List.of("net"));
        line.addAll(words.isEmpty() ? List.of() : List.of(words.split(" ", -1)));
        Refusal.assertRefused(Command.here(Path.of("/"), line.toArray(String[]::new)), fact);
    }
}
