package jukvm.tests.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.util.List;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.RequiresProgram;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Guests in pods, by containerd as a kubelet asks it. */
@RequiresKvm
@RequiresProgram({"containerd", "ctr", "runc", "nft", "tc", "curl", "gcc", "perl"})
final class PodIT {
    private static final String HELLO = "Hello from a jukvm guest";
    private static final long MIB = 1 << 20;

    private static CriFixture cri;

    @BeforeAll
    static void start() throws Exception {
        cri = new CriFixture(Files.createTempDirectory("cri"));
    }

    @AfterAll
    static void stop() throws Exception {
        cri.stop();
    }

    private static Message guest(String image) {
        return new Message().with(2, new Message().with(1, "localhost/" + image + ":1"));
    }

    /** A container of the pause image that runs a shell script by the host's programs. */
    private static Message sidecar(String script) {
        Message container = guest("pause");
        for (String word : List.of("/bin/sh", "-c", script)) {
            container.with(3, word);
        }
        for (String folder : List.of("/usr", "/bin", "/lib", "/lib64")) {
            container.with(7, new Message().with(1, folder).with(2, folder).with(3, 1));
        }
        return container.with(15, new Message().with(1, new Message().with(4, 256 * MIB)));
    }

    /** Adds a disk, which is empty. */
    private static Message withDisk(Message container) throws Exception {
        String disk = cri.succeed("truncate -s 1M disk && echo $PWD/disk").strip();
        return container.with(7, new Message().with(1, "/jukvm/block/storage").with(2, disk));
    }

    private static Message named(String id) {
        return new Message().with(1, id);
    }

    @ParameterizedTest
    @ValueSource(strings = {"container", "node"})
    void shouldServeBesideASidecar(String jvm) throws Exception {
        Message pod = cri.pod("web", jvm);
        String id = cri.runPod(pod);
        String address = cri.address(id);
        String guest = cri.start(pod, id, "guest", guest("http"));
        cri.awaitLog("web", "guest", "stdout F serves HTTP on port 80");
        assertEquals(jvm.equals("node") ? 1 : 0, cri.node.status().guests());
        String ask =
                "for host in localhost ADDRESS; do until curl -s $host; do sleep 0.1; done; done; ";
        String serve =
                "exec perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(Listen => 5, LocalPort"
                        + " => 8080); while ($c = $s->accept) { 1 while <$c> =~ /\\S/; print $c"
                        + " qq(HTTP/1.0 200\\r\\n\\r\\nsidecar); close $c }'";
        cri.start(pod, id, "sidecar", sidecar(ask.replace("ADDRESS", address) + serve));
        cri.awaitLog("web", "sidecar", "stdout F " + HELLO);
        // As a kubelet's probes and other pods do.
        assertEquals(HELLO + "\n", cri.succeed("curl -s " + address));
        String sidecar =
                "curl -s --retry 60 --retry-delay 1 --retry-all-errors http://ADDRESS:8080/";
        assertEquals("sidecar", cri.succeed(sidecar.replace("ADDRESS", address)));
        assertRefusesPrograms(guest);
        Message stats = cri.ask("ContainerStats", named(guest)).message(1);
        assertTrue(stats.message(2).message(2).number(1) > 1_000_000); // Nanoseconds.
        assertTrue(stats.message(3).message(2).number(1) > 10 * MIB);
        cri.ask("StopContainer", named(guest).with(2, 60));
        assertEquals(1, cri.awaitEnd(guest).number(7));
        cri.start(pod, id, "again", guest("http"));
        cri.awaitLog("web", "again", "stdout F serves HTTP on port 80");
        assertEquals(HELLO + "\n", cri.succeed("curl -s --retry 9 --retry-all-errors " + address));
        cri.remove(id);
        cri.assertNothingIsLeft();
    }

    // As for an update of it, and as after a crash.
    @ParameterizedTest
    @CsvSource({"container, false", "container, true", "node, false", "node, true"})
    void shouldGoOnWithoutTheEngine(String jvm, boolean isKilled) throws Exception {
        Message pod = cri.pod("lasting", jvm);
        String id = cri.runPod(pod);
        String address = cri.address(id);
        String before = cri.wiring(id);
        String guest = cri.start(pod, id, "guest", guest("http"));
        String saying = cri.start(pod, id, "saying", withDisk(guest("block").with(4, "stamp")));
        Message brief = cri.pod("brief", jvm);
        String briefId = cri.runPod(brief);
        String briefAddress = cri.address(briefId);
        String once = cri.start(brief, briefId, "guest", guest("http").with(4, "limit=1"));
        cri.awaitLog("lasting", "guest", "stdout F serves HTTP on port 80");
        cri.awaitLog("lasting", "saying", "stdout F ack");
        cri.awaitLog("brief", "guest", "stdout F serves HTTP on port 80");

        cri.end(isKilled);
        assertEquals(HELLO + "\n", cri.succeed("curl -s " + address));
        assertEquals(HELLO + "\n", cri.succeed("curl -s " + briefAddress));
        cri.awaitNoProcess(once);
        cri.start();
        assertEquals(HELLO + "\n", cri.succeed("curl -s " + address));
        cri.awaitMoreLog("lasting", "saying");
        assertEquals(0, cri.awaitEnd(once).number(7));
        assertRefusesPrograms(guest);
        cri.ask("StopContainer", named(saying)); // Which kills at once.
        assertEquals(137, cri.awaitEnd(saying).number(7));
        cri.ask("StopContainer", named(guest).with(2, 60));
        assertEquals(1, cri.awaitEnd(guest).number(7));
        cri.awaitLog("lasting", "guest", "guest stopped by a signal");
        cri.ask("RemoveContainer", named(guest));
        assertEquals(before, cri.wiring(id));
        cri.remove(id);
        cri.remove(briefId);
        cri.assertNothingIsLeft();
    }

    private static void assertRefusesPrograms(String guest) {
        AssertionError refused =
                assertThrows(
                        AssertionError.class,
                        () -> cri.ask("ExecSync", named(guest).with(2, "sh")));
        assertTrue(refused.toString().contains("a unikernel has no programs"), refused::toString);
    }

    @Test
    void shouldSayThatAGuestIsOutOfMemory() throws Exception {
        Message pod = cri.pod("full", "container");
        String id = cri.runPod(pod);
        Message resources = new Message().with(4, 64 * MIB).with(10, 64 * MIB);
        Message container = guest("traces").with(4, "leave");
        Message limited = container.with(15, new Message().with(1, resources));
        Message status = cri.awaitEnd(cri.start(pod, id, "guest", limited));
        assertEquals(137, status.number(7));
        assertEquals("OOMKilled", status.text(10));
        cri.remove(id);
    }
}
