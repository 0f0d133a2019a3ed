package jukvm.tests.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import jukvm.guest.Outcome;
import jukvm.guest.PrivilegeMode;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.tests.support.Guests;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Run;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whatever order an image lists its segments in, ring 0 makes memory slots of them that KVM takes.
 */
@RequiresKvm
final class MemorySlotsIT {
    private static final int PHDR = 56;
    private static final int READ_WRITE = 6;

    @ParameterizedTest
    @EnumSource(PrivilegeMode.class)
    void shouldRunWithMemoryWithoutBytesListedBetweenAdjacentReadOnlySegments(
            PrivilegeMode privilege) throws IOException {
        try (Monitor monitor = Monitor.open()) {
            GuestImage image = GuestImage.of("hello with a gap", helloWithMemoryBetween());
            GuestSpec guest = GuestSpec.of(image).memory(4L << 20);
            assertEquals(
                    new Outcome.Exited(0),
                    Run.run(monitor, guest.privilege(privilege).deadline(Run.LONG)).outcome());
        }
    }

    // hello's two PT_LOADs come first: text, then rodata in the next page. Their headers go to the
    // end of the file, with one between them that has no bytes.
    private static byte[] helloWithMemoryBetween() throws IOException {
        byte[] hello = Files.readAllBytes(Guests.prebuilt("hello.ukvm"));
        ByteBuffer old = ByteBuffer.wrap(hello).order(ByteOrder.LITTLE_ENDIAN);
        int table = (int) old.getLong(32);
        ByteBuffer image = ByteBuffer.allocate(hello.length + 3 * PHDR);
        image.order(ByteOrder.LITTLE_ENDIAN).put(hello);
        image.put(hello, table, PHDR);
        image.putInt(1).putInt(READ_WRITE).putLong(0).putLong(0x110000).putLong(0x110000);
        image.putLong(0).putLong(4096).putLong(4096);
        image.put(hello, table + PHDR, PHDR);
        image.putLong(32, hello.length).putShort(56, (short) 3);
        return image.array();
    }
}
