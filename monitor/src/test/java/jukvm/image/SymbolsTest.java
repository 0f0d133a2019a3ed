package jukvm.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

public final class SymbolsTest {
    private static final byte[] GUEST = ElfBuilder.hvt().build();
    private static final String NAMES = "\0start\0main\0hid\u001bden\0table\0";
    private static final int FUNC = 2;
    private static final int OBJECT = 1;
    private static final int COUNT = 5;
    private static final int SYMBOL = 24;

    /** Returns a guest with code called {@code start}, of unknown size, and {@code main}. */
    public static byte[] guestWithSymbols() {
        int table = (GUEST.length + 7) & -8;
        int names = table + COUNT * SYMBOL;
        int headers = (names + NAMES.length() + 7) & -8;
        ByteBuffer at = ByteBuffer.allocate(headers + 3 * 64).order(ByteOrder.LITTLE_ENDIAN);
        at.put(0, GUEST);
        at.putLong(40, headers).putShort(58, (short) 64).putShort(60, (short) 3);
        symbol(at, table + SYMBOL, 1, 0, ElfBuilder.TEXT_GPA, 0);
        symbol(at, table + 2 * SYMBOL, 7, FUNC, ElfBuilder.TEXT_GPA + 4, 8);
        symbol(at, table + 3 * SYMBOL, 12, FUNC, ElfBuilder.TEXT_GPA + 16, 4);
        symbol(at, table + 4 * SYMBOL, 20, OBJECT, ElfBuilder.TEXT_GPA, 8);
        at.put(names, NAMES.getBytes(StandardCharsets.ISO_8859_1));
        section(at, headers + 64, 2, table, COUNT * SYMBOL);
        section(at, headers + 128, 3, names, NAMES.length());
        return at.array();
    }

    private static void symbol(ByteBuffer at, int from, int name, int type, long gpa, long size) {
        at.putInt(from, name).put(from + 4, (byte) (1 << 4 | type)).putShort(from + 6, (short) 1);
        at.putLong(from + 8, gpa).putLong(from + 16, size);
    }

    private static void section(ByteBuffer at, int from, int type, int offset, int size) {
        at.putInt(from + 4, type).putLong(from + 24, offset).putLong(from + 32, size);
        at.putInt(from + 40, 2);
    }

    @Test
    void shouldNameCode() {
        Symbols symbols = GuestImage.of("guest", guestWithSymbols()).symbols();
        assertEquals("start", symbols.name(ElfBuilder.TEXT_GPA));
        assertEquals("start+0x3", symbols.name(ElfBuilder.TEXT_GPA + 3));
        assertEquals("main+0x7", symbols.name(ElfBuilder.TEXT_GPA + 11));
        assertEquals("main", symbols.function(ElfBuilder.TEXT_GPA + 11));
        assertEquals("0x10000c", symbols.name(ElfBuilder.TEXT_GPA + 12));
        assertEquals("hid\\x1bden", symbols.function(ElfBuilder.TEXT_GPA + 16));
        assertEquals("0x7", symbols.function(7));
        assertEquals(3, symbols.all().size());
    }

    @Test
    void shouldNameWhereCallsReturnToByWhoCalled() {
        Symbols symbols = GuestImage.of("guest", guestWithSymbols()).symbols();
        assertEquals("start+0x4", symbols.nameOfReturn(ElfBuilder.TEXT_GPA + 4));
        assertEquals("main+0x8", symbols.nameOfReturn(ElfBuilder.TEXT_GPA + 12));
        assertEquals("0x100000", symbols.nameOfReturn(ElfBuilder.TEXT_GPA));
        assertEquals("0x10000d", symbols.nameOfReturn(ElfBuilder.TEXT_GPA + 13));
        assertEquals("0xfffff", symbols.function(ElfBuilder.TEXT_GPA - 1));
    }

    /** Returns what one symbol, changed, is called; it is at the first byte of code. */
    private static List<Symbols.Symbol> changed(Consumer<ByteBuffer> change) {
        ByteBuffer guest = ByteBuffer.wrap(guestWithSymbols()).order(ByteOrder.LITTLE_ENDIAN);
        int table = (GUEST.length + 7) & -8;
        change.accept(guest.slice(table, COUNT * SYMBOL).order(ByteOrder.LITTLE_ENDIAN));
        return GuestImage.of("guest", guest.array()).symbols().all();
    }

    @Test
    void shouldTakeNamesOfCodeThatIsDefined() {
        assertEquals(3, changed(table -> {}).size());
        assertEquals(2, changed(table -> table.putShort(SYMBOL + 6, (short) 0)).size());
        assertEquals(3, changed(table -> table.putShort(2 * SYMBOL + 6, (short) 0)).size());
        assertEquals(2, changed(table -> table.putLong(SYMBOL + 8, 7)).size());
        assertEquals(2, changed(table -> table.putLong(SYMBOL + 8, ElfBuilder.DATA_GPA)).size());
        assertEquals(2, changed(table -> table.putInt(SYMBOL, 0)).size(), "no name");
        assertEquals(2, changed(table -> table.putInt(SYMBOL, -1)).size());
        assertEquals(2, changed(table -> table.putInt(SYMBOL, NAMES.length())).size());
        assertEquals(
                0, changed(table -> table.putLong(SYMBOL + 16, -1)).get(0).size(), "no such size");
    }

    @Test
    void shouldPreferOneThatKnowsItsSizeAmongThoseOfOneAddress() {
        byte[] guest = guestWithSymbols();
        ByteBuffer at = ByteBuffer.wrap(guest).order(ByteOrder.LITTLE_ENDIAN);
        int main = ((GUEST.length + 7) & -8) + 2 * SYMBOL;
        at.putLong(main + 8, ElfBuilder.TEXT_GPA);
        Symbols symbols = GuestImage.of("guest", guest).symbols();
        assertEquals("main+0x2", symbols.name(ElfBuilder.TEXT_GPA + 2));
        assertEquals("0x100008", symbols.name(ElfBuilder.TEXT_GPA + 8));
    }

    @Test
    void shouldReadATableInAnyOrderToItsEnd() {
        byte[] guest = guestWithSymbols();
        ByteBuffer at = ByteBuffer.wrap(guest).order(ByteOrder.LITTLE_ENDIAN);
        int table = (GUEST.length + 7) & -8;
        at.putLong(table + SYMBOL + 8, ElfBuilder.TEXT_GPA + 20); // start is behind the others
        at.put(table + 4 * SYMBOL + 4, (byte) (1 << 4 | FUNC)); // and table a function
        Symbols symbols = GuestImage.of("guest", guest).symbols();
        assertEquals("table+0x1", symbols.name(ElfBuilder.TEXT_GPA + 1));
        assertEquals("main", symbols.function(ElfBuilder.TEXT_GPA + 8));
        assertEquals("hid\\x1bden", symbols.function(ElfBuilder.TEXT_GPA + 16));
        assertEquals("start+0x1", symbols.name(ElfBuilder.TEXT_GPA + 21));
    }

    @Test
    void shouldReadNoTableOfOtherEntries() {
        byte[] guest = guestWithSymbols();
        guest[58]++;
        assertEquals(List.of(), GuestImage.of("guest", guest).symbols().all());
    }

    @Test
    void shouldHaveNoneOfAStrippedImage() {
        assertEquals(List.of(), ElfBuilder.hvt().parse().symbols().all());
    }

    @Test
    void shouldReadOneTable() {
        byte[] guest = guestWithSymbols();
        int headers = (int) ByteBuffer.wrap(guest).order(ByteOrder.LITTLE_ENDIAN).getLong(40);
        int count = 0xffff;
        ByteBuffer at =
                ByteBuffer.allocate(headers + count * 64)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .put(0, guest)
                        .putShort(60, (short) count);
        for (int i = 3; i < count; i++) {
            at.put(headers + i * 64, guest, headers + 64, 64);
        }
        assertEquals(3, GuestImage.of("guest", at.array()).symbols().all().size());
    }

    @Test
    void shouldKeepNoMoreOfNamesThanTheFileHas() {
        int count = 20_000;
        int table = (GUEST.length + 7) & -8;
        int names = table + count * SYMBOL;
        int headers = names + 256;
        ByteBuffer at = ByteBuffer.allocate(headers + 3 * 64).order(ByteOrder.LITTLE_ENDIAN);
        at.put(0, GUEST);
        at.putLong(40, headers).putShort(58, (short) 64).putShort(60, (short) 3);
        for (int i = 0; i < count; i++) {
            symbol(at, table + i * SYMBOL, 0, FUNC, ElfBuilder.TEXT_GPA, 1);
        }
        at.put(names, "x".repeat(255).getBytes(StandardCharsets.ISO_8859_1));
        section(at, headers + 64, 2, table, count * SYMBOL);
        section(at, headers + 128, 3, names, 256);
        List<Symbols.Symbol> kept = GuestImage.of("guest", at.array()).symbols().all();
        assertEquals(at.capacity() / 255, kept.size());
    }

    @Test
    void shouldReadWhatItCanOfADamagedTable() {
        byte[] whole = guestWithSymbols();
        long seed = Long.getLong("jukvm.seed", System.nanoTime());
        Random random = new Random(seed);
        for (int i = 0; i < 3000; i++) {
            byte[] damaged = whole.clone();
            for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
                int at = 40 + random.nextInt(damaged.length - 40);
                boolean isOfSections = at < 48 || at >= GUEST.length || (at >= 58 && at < 62);
                damaged[at] = isOfSections ? (byte) random.nextInt() : damaged[at];
            }
            for (Symbols.Symbol symbol : GuestImage.of("guest", damaged).symbols().all()) {
                assertTrue(
                        symbol.name().matches("[ -~]{1,256}") && symbol.size() >= 0,
                        () -> symbol + ", seed " + seed);
            }
        }
    }
}
