package jukvm.tests.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jukvm.device.Console;
import jukvm.device.SwitchPort;
import jukvm.device.VirtualSwitch;
import jukvm.guest.Outcome;
import jukvm.guest.PrivilegeMode;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.tests.support.Code;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Run;
import jukvm.tests.support.TinyGuest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where the network ring lies, as the guest is told. */
@RequiresKvm
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RingPlaceIT {
    private static final long MIB = 1L << 20;

    private final Monitor monitor = Monitor.open();
    private final VirtualSwitch network = VirtualSwitch.open();
    private final SwitchPort port = network.connect();

    // Prints mem_size, net_ring and where its stack ends; and touches all there is.
    private static GuestImage telling(long memory) {
        Code code =
                new Code()
                        .op("mov (%rdi), %rax", "48 8b 07")
                        .storeRax(TinyGuest.SCRATCH)
                        .op("mov 48(%rdi), %rax", "48 8b 47 30")
                        .storeRax(TinyGuest.SCRATCH + 8)
                        .op("mov %rsp, %rax", "48 89 e0")
                        .storeRax(TinyGuest.SCRATCH + 16)
                        .load(memory - 8)
                        .puts(TinyGuest.SCRATCH, 24)
                        .done();
        return TinyGuest.withNic("telling", code.bytes());
    }

    /** What the guest was told, in MiB, and its stack's end. */
    private record Told(long memory, long ring, long stack) {
        static Told by(byte[] printed) {
            ByteBuffer words = ByteBuffer.wrap(printed).order(ByteOrder.LITTLE_ENDIAN);
            assertEquals(-8, words.getLong(16) % MIB - MIB);
            return new Told(
                    words.getLong(0) / MIB, words.getLong(8) / MIB, (words.getLong(16) + 8) / MIB);
        }
    }

    @AfterAll
    void close() {
        monitor.close();
        network.close();
    }

    private Told run(GuestImage image, long memory, PrivilegeMode privilege, boolean offered) {
        ByteArrayOutputStream console = new ByteArrayOutputStream();
        GuestSpec guest =
                GuestSpec.of(image)
                        .memory(memory)
                        .privilege(privilege)
                        .netRing(offered)
                        .net(TinyGuest.NIC, port)
                        .console(Console.to(console))
                        .deadline(Run.LONG);
        assertEquals(new Outcome.Exited(Code.DONE), Run.run(monitor, guest).outcome());
        return Told.by(console.toByteArray());
    }

    // One image, so that later guests are of a template, and on VMs that had a ring or none.
    @ParameterizedTest
    @CsvSource({"RING_3, 16", "RING_0, 16", "RING_3, 4", "RING_0, 4", "RING_3, 4096"})
    void shouldBeTheLastOfTheMemoryThatWasAskedFor(PrivilegeMode privilege, long mebibytes) {
        GuestImage image = telling(mebibytes * MIB);
        long rest = mebibytes - 2;
        for (int i = 0; i < 4; i++) {
            assertEquals(new Told(rest, rest, rest), run(image, mebibytes * MIB, privilege, true));
            assertEquals(
                    new Told(mebibytes, 0, mebibytes),
                    run(image, mebibytes * MIB, privilege, false));
        }
    }

    @ParameterizedTest
    @CsvSource({"RING_3", "RING_0"})
    void shouldNotBeOfferedWhereItWouldLeaveNoRoom(PrivilegeMode privilege) {
        assertEquals(new Told(2, 0, 2), run(telling(2 * MIB), 2 * MIB, privilege, true));
    }
}
