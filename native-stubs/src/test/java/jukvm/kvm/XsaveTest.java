package jukvm.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class XsaveTest {
    private static final int SIZE = VcpuState.XSAVE_SIZE;

    private static ByteBuffer area(int filler) {
        ByteBuffer area = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < SIZE; i++) {
            area.put(i, (byte) filler);
        }
        return area;
    }

    @Test
    void shouldSayWhatIsInitial() {
        ByteBuffer area = area(0x5a).putLong(512, 0);
        Xsave.spellOut(area);
        assertEquals(3, area.getLong(512));
        assertEquals(0x37f, area.getLong(0));
        assertEquals(0x1f80, area.getInt(24));
        for (int at = 32; at < 416; at += 8) {
            assertEquals(0, area.getLong(at), "at " + at);
        }
    }

    @Test
    void shouldKeepTheMaskAndWhatIsBehind() {
        ByteBuffer area = area(0x5a).putLong(512, 0);
        Xsave.spellOut(area);
        assertEquals(0x5a5a5a5a, area.getInt(28));
        assertEquals(0x5a5a5a5a5a5a5a5aL, area.getLong(520));
        assertEquals(0x5a5a5a5a5a5a5a5aL, area.getLong(SIZE - 8));
    }

    @ParameterizedTest
    @ValueSource(longs = {3, 7, 0xe7})
    void shouldKeepWhatIsThere(long present) {
        ByteBuffer area = area(0x5a).putLong(512, present);
        Xsave.spellOut(area);
        assertEquals(area(0x5a).putLong(512, present), area);
    }

    @Test
    void shouldKeepX87WhereOnlySseIsInitial() {
        ByteBuffer area = area(0x5a).putLong(512, 5);
        Xsave.spellOut(area);
        assertEquals(7, area.getLong(512));
        assertEquals(0x5a5a5a5a5a5a5a5aL, area.getLong(0));
        assertEquals(0x5a5a5a5a5a5a5a5aL, area.getLong(152));
        assertEquals(0x1f80, area.getInt(24));
        assertEquals(0, area.getLong(160));
    }

    @Test
    void shouldSayWhatIsInitialOfAvx() {
        ByteBuffer area = area(0x5a).putLong(512, 3);
        Xsave.spellOutAvx(area, 576);
        assertEquals(7, area.getLong(512));
        assertEquals(0x5a5a5a5a5a5a5a5aL, area.getLong(568));
        for (int at = 576; at < 832; at += 8) {
            assertEquals(0, area.getLong(at), "at " + at);
        }
        assertEquals(0x5a5a5a5a5a5a5a5aL, area.getLong(832));
        ByteBuffer full = area(0x5a).putLong(512, 7);
        Xsave.spellOutAvx(full, 576);
        assertEquals(area(0x5a).putLong(512, 7), full);
    }
}
