package jukvm.tests.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import jukvm.tests.support.Command;
import jukvm.tests.support.DaemonFixture;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.RequiresRoot;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A block device has one user, whatever node leads to it, and none while the host uses it. */
@RequiresKvm
@RequiresRoot
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class DeviceLockIT {
    private static final String DEVICE =
            "set -e; img=FOLDER/img; rm -f $img; truncate -s 8M $img; losetup -f --show $img";

    // Starts a guest that has its disk until it is killed by stop, and waits until it has it.
    private static final String HOLD =
            "hold() { rm -f out; $J run --deadline=50s --block:storage=$1 $G/block.hvt exits 99999999 >out 2>&1 &"
                    + " holder=$!; until grep -qs bytes out; do kill -0 $holder || break; sleep .05;"
                    + " done; }; stop() { kill $holder || cat out >&2; wait $holder || :; }; "
                    // Whoever looks at a device just now delays its end.
                    + "gone() { until [ -z \"$(losetup -j $img)\" ]; do sleep .05; done; }; "
                    + "try() { $J run --block:storage=$1 $G/block.hvt $2 | tail -1; }; ";

    private Path folder = Path.of("");
    private DaemonFixture fixture;
    private String device = "";

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        this.folder = folder;
        fixture = DaemonFixture.start(folder);
    }

    @AfterAll
    void stop() throws Exception {
        fixture.close();
    }

    @BeforeEach
    void attach() throws Exception {
        Command attached = fixture.cold(DEVICE.replace("FOLDER", folder.toString()));
        assumeTrue(attached.status() == 0, "no loop devices: " + attached.stderr());
        device = attached.stdout().strip();
        fixture.cold(
                "cd '"
                        + folder
                        + "'; rm -f node; mknod node b $(stat -c '0x%t 0x%T' D)"
                                .replace("D", device));
    }

    @AfterEach
    void detach() throws Exception {
        fixture.cold("losetup -d " + device);
    }

    private Command run(boolean isCold, String script) throws Exception {
        String there = "cd '" + folder + "'; dev=" + device + "; img=$PWD/img; " + HOLD + script;
        return isCold ? fixture.cold(there) : fixture.shell(there);
    }

    private static void assertRefused(Command run, String... facts) {
        assertEquals(facts.length, run.stderr().lines().count(), run.stderr());
        String[] lines = run.stderr().lines().toArray(String[]::new);
        for (int i = 0; i < facts.length; i++) {
            assertTrue(lines[i].contains(facts[i]), facts[i] + " in " + lines[i]);
        }
        assertEquals("", run.stdout());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldRefuseADeviceThatTheHostHasMounted(boolean isCold) throws Exception {
        // In a namespace of its own, which ends with all its mounts.
        String mounted =
                "mkfs.ext4 -q -F $dev; mkdir -p mnt; export dev; unshare -m sh -c 'mount $dev mnt && echo precious >mnt/file && sync;"
                        + " for i in $dev $dev:ro node; do"
                        + " $J run --block:storage=$i $G/block.hvt; done;"
                        + " cmp mnt/file - <was; umount mnt'; fsck.ext4 -n $dev >/dev/null 2>&1";
        Command run = run(isCold, "echo precious >was; " + mounted);
        String fact = ": is in use by the host (mounted?). Unmount it,";
        assertRefused(run, device + fact, device + fact, "node" + fact);
        assertEquals(0, run.status(), "the file system is not what it was");
    }

    @ParameterizedTest
    @CsvSource({"true, '', ''", "false, '', ''", "false, '', :ro", "true, :ro, ''"})
    void shouldKnowADeviceByAnotherNode(boolean isCold, String its, String ours) throws Exception {
        String script = "hold $dev" + its + "; try node" + ours + "; try $dev" + ours + "; stop";
        Command run = run(isCold, script);
        assertRefused(run, "node: is in use by ", device + ": is in use by ");
        assertEquals(isCold, run.stderr().contains("(java)"), run.stderr());
        assertEquals("SUCCESS\n", run(true, "try node").stdout());
    }

    @Test
    void shouldShareADeviceAmongReaders() throws Exception {
        String script = "hold $dev:ro; try node:ro 'exits 10'; try $dev:ro 'exits 10'; stop";
        Command run = run(false, script);
        assertEquals(new Command(0, "SUCCESS\nSUCCESS\n", ""), run);
    }

    @Test
    void shouldRefuseTheFileBehindADevice() throws Exception {
        Command run = run(true, "try $img; try $img:ro; losetup -d $dev; gone; try $img");
        String refusal = "img: is in use by the host, as " + device + ". Detach that";
        assertTrue(run.stderr().contains(refusal), run.stderr());
        assertEquals(2, run.stderr().lines().count(), run.stderr());
        assertEquals("SUCCESS\n", run.stdout());
    }

    @Test
    void shouldRefuseADeviceOverAFileInUse() throws Exception {
        String script =
                "losetup -d $dev; gone; hold $img; dev=$(losetup -f --show $img); try $dev; try $dev:ro;"
                        + " stop; try $dev; losetup -d $dev";
        Command run = run(true, script);
        assertTrue(run.stderr().contains(folder + "/img: is in use by pid "), run.stderr());
        assertEquals(2, run.stderr().lines().count(), run.stderr());
        assertEquals("SUCCESS\n", run.stdout());
    }

    @Test
    void shouldKnowTheFileBehindTwoDevices() throws Exception {
        String script =
                "other=$(losetup -f --show $img); hold $dev; try $other; stop; try $other;"
                        + " losetup -d $other";
        Command run = run(true, script);
        assertTrue(run.stderr().contains(folder + "/img: is in use by pid "), run.stderr());
        assertEquals("SUCCESS\n", run.stdout());
    }
}
