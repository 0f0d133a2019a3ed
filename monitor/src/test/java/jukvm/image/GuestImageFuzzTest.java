package jukvm.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import jukvm.abi.Manifest;
import jukvm.device.Console;
import jukvm.device.Devices;
import jukvm.device.WallClock;
import jukvm.error.ConfigException;
import jukvm.error.ImageException;
import jukvm.io.Poller;
import jukvm.x86.RewrittenCode;
import org.jspecify.annotations.Nullable;

/**
 * Hostile files and manifests. Inputs under src/test/resources run in every build; {@code
 * JAZZER_FUZZ=1 mvn test -Djazzer.hooks=true -Dtest='GuestImageFuzzTest#shouldParse*'} finds more.
 */
class GuestImageFuzzTest {
    @FuzzTest(maxDuration = "2m")
    void shouldParseFileOrRefuseIt(byte @Nullable [] bytes) {
        if (bytes == null) {
            return;
        }
        try {
            GuestImage image = GuestImage.of("fuzz", bytes);
            GuestImageTest.assertSound(image);
            image.symbols().all().forEach(symbol -> assertPrintable(symbol.name()));
            assertCode(image);
        } catch (ImageException e) {
            assertPrintable(e.getMessage());
            assertTrue(e.getMessage().startsWith("fuzz: "), e.getMessage());
        }
    }

    // As it is decoded for a recording.
    private static void assertCode(GuestImage image) {
        try {
            for (long gpa : RewrittenCode.of(image, true).all()) {
                assertTrue(image.isCode(gpa), "0x" + Long.toHexString(gpa));
            }
        } catch (ConfigException e) {
            assertPrintable(e.getMessage());
        }
    }

    private static void assertPrintable(String message) {
        assertTrue(message.chars().allMatch(c -> c >= ' ' && c < 0x7f), message);
    }

    @FuzzTest(maxDuration = "2m")
    void shouldParseManifestOrRefuseIt(byte @Nullable [] bytes) {
        if (bytes == null) {
            return;
        }
        Manifest manifest;
        try {
            manifest = Manifest.parse(ByteBuffer.wrap(bytes));
        } catch (ImageException e) {
            assertPrintable(e.getMessage());
            return;
        }
        List<Manifest.Device> devices = manifest.devices();
        Set<String> names = new TreeSet<>();
        int handle = 0;
        for (Manifest.Device device : devices) {
            assertTrue(device.handle() > handle && device.handle() < 64, device::toString);
            assertTrue(device.name().matches("[A-Za-z0-9]{1,67}"), device::toString);
            assertTrue(names.add(device.name()), device::toString);
            handle = device.handle();
        }
        ByteBuffer encoded = ByteBuffer.allocate(manifest.encodedSize());
        encoded.order(java.nio.ByteOrder.LITTLE_ENDIAN);
        manifest.encode(encoded, Devices.basic(Console.discard(), WallClock.host(), new Poller()));
        assertEquals(manifest, Manifest.parse(encoded.rewind()));
    }
}
