package jukvm.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CpuidMaskTest {
    private static final int ALL = 0xffffffff;

    // What of eax, ebx, ecx and edx a guest is told of a processor that has everything.
    @ParameterizedTest
    @CsvSource({
        // Without VMX.
        "0x1, ffffffff, ffffffff, ffffffdf, ffffffff",
        // Without SGX and its launch control, shadow stacks and branch tracking.
        "0x7, ffffffff, fffffffb, bfffff7f, ffefffff",
        // Without the performance counters and SGX.
        "0xa, 0, 0, 0, 0",
        "0x12, 0, 0, 0, 0",
        // Without all of KVM's features but the two clocks and that they are stable.
        "0x40000001, 01000009, 0, 0, 0",
        // Without SVM, SKINIT, and the counters of core, north bridge and L3 cache.
        "0x80000001, ffffffff, ffffffff, ee7feffb, ffffffff",
        "0x8000000a, 0, 0, 0, 0",
        "0x80000022, 0, 0, 0, 0"
    })
    void shouldHideWhatOnlyWidensTheAttackSurface(
            long leaf, String eax, String ebx, String ecx, String edx) {
        assertEquals(
                List.of(hex(eax), hex(ebx), hex(ecx), hex(edx)),
                masked((int) leaf, ALL, ALL, ALL, ALL));
    }

    private static int hex(String digits) {
        return Integer.parseUnsignedInt(digits, 16);
    }

    @ParameterizedTest
    @ValueSource(
            longs = {
                0,
                2,
                4,
                6,
                0xb,
                0xd,
                0x15,
                0x16,
                0x40000000L,
                0x80000000L,
                0x80000002L,
                0x80000007L,
                0x80000008L,
                0x8000001fL
            })
    void shouldLeaveOtherLeavesAlone(long leaf) {
        assertEquals(List.of(ALL, 1, -2, 3), masked((int) leaf, ALL, 1, -2, 3));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 7, 0xa, 0x12, 0x40000001L, 0x80000001L, 0x8000000aL, 0x80000022L})
    void shouldAddNothing(long leaf) {
        assertEquals(List.of(0, 0, 0, 0), masked((int) leaf, 0, 0, 0, 0));
    }

    @Test
    void shouldMaskEverySubleafWhereverItStands() {
        KvmCpuid2 table = table(4);
        int[] leaves = {7, 0xd, 7, 1};
        for (int i = 0; i < leaves.length; i++) {
            put(table, i, leaves[i], ALL, ALL, ALL, ALL);
        }
        CpuidMask.apply(table);
        assertEquals(0xfffffffb, table.get(0, KvmCpuid2.EBX));
        assertEquals(ALL, table.get(1, KvmCpuid2.EBX));
        assertEquals(0xfffffffb, table.get(2, KvmCpuid2.EBX));
        assertEquals(0xffffffdf, table.get(3, KvmCpuid2.ECX));
        assertEquals(7, table.get(2, KvmCpuid2.FUNCTION));
    }

    @Test
    void shouldNotLookPastTheLastEntry() {
        ByteBuffer bytes = bytes(2).putInt(0, 1);
        KvmCpuid2 table = KvmCpuid2.over(bytes);
        put(table, 0, 1, ALL, ALL, ALL, ALL);
        put(table, 1, 1, ALL, ALL, ALL, ALL);
        CpuidMask.apply(table);
        assertEquals(0xffffffdf, table.get(0, KvmCpuid2.ECX));
        assertEquals(ALL, table.get(1, KvmCpuid2.ECX));
    }

    private static List<Integer> masked(int leaf, int eax, int ebx, int ecx, int edx) {
        KvmCpuid2 table = table(1);
        put(table, 0, leaf, eax, ebx, ecx, edx);
        CpuidMask.apply(table);
        assertEquals(leaf, table.get(0, KvmCpuid2.FUNCTION));
        return List.of(
                table.get(0, KvmCpuid2.EAX),
                table.get(0, KvmCpuid2.EBX),
                table.get(0, KvmCpuid2.ECX),
                table.get(0, KvmCpuid2.EDX));
    }

    private static void put(
            KvmCpuid2 table, int entry, int leaf, int eax, int ebx, int ecx, int edx) {
        table.put(entry, KvmCpuid2.FUNCTION, leaf);
        table.put(entry, KvmCpuid2.EAX, eax);
        table.put(entry, KvmCpuid2.EBX, ebx);
        table.put(entry, KvmCpuid2.ECX, ecx);
        table.put(entry, KvmCpuid2.EDX, edx);
    }

    private static KvmCpuid2 table(int entries) {
        return KvmCpuid2.over(bytes(entries));
    }

    private static ByteBuffer bytes(int entries) {
        return ByteBuffer.allocate(KvmCpuid2.SIZE + entries * KvmCpuid2.ENTRY_SIZE)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(0, entries);
    }
}
