package jukvm.kvm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** What a guest misses on another host, word by word. */
class CpuidTest {
    private static final int[] HOST = {
        0, 0, 0x20, 0x756e6547, 0x6c65746e, 0x49656e69,
        1, 0, 0x806ec, 0x100800, 0xf, 0xff,
        7, 0, 1, 0xf0, 0, 0,
        7, 1, 0x30, 0, 0, 0,
        0xb, 0, 1, 2, 3, 4
    };

    private static Cpuid cpuid(int... words) {
        ByteBuffer bytes =
                ByteBuffer.allocate(words.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(words);
        return Cpuid.decode(bytes);
    }

    private static Cpuid host(int at, int value) {
        int[] words = HOST.clone();
        words[at] = value;
        return cpuid(words);
    }

    @Test
    void shouldTellWhereAvxIsKept() {
        int[] avx = {1, 0, 0, 0, 1 << 28, 0, 0xd, 0, 7, 0x340, 0, 0, 0xd, 2, 256, 576, 0, 0};
        assertEquals(OptionalInt.of(576), cpuid(avx).avxPlace());
        for (int spoilt : new int[] {4, 14}) { // Not shown, and kept in another way.
            int[] other = avx.clone();
            other[spoilt] = 8;
            assertEquals(OptionalInt.empty(), cpuid(other).avxPlace());
        }
        assertEquals(OptionalInt.empty(), cpuid(HOST).avxPlace());
    }

    @Test
    void shouldMissNothingOnTheSameOrALargerHost() {
        assertEquals(List.of(), cpuid(HOST).missingOn(cpuid(HOST)));
        assertEquals(List.of(), cpuid(HOST).missingOn(host(10, 0x1f)));
    }

    @Test
    void shouldNotMindSteppingNumberOfProcessorAndTopology() {
        assertEquals(List.of(), cpuid(HOST).missingOn(host(8, 0x806e1)));
        assertEquals(List.of(), cpuid(HOST).missingOn(host(9, 0x200800)));
        assertEquals(List.of(), cpuid(HOST).missingOn(host(29, 9)));
    }

    @Test
    void shouldNameWhatIsMissing() {
        assertEquals(
                List.of("CPUID leaf 0x0 ebx is 0x68747541, not 0x756e6547"),
                cpuid(HOST).missingOn(host(3, 0x68747541)));
        assertEquals(
                List.of("CPUID leaf 0x1 eax is 0x906e0, not 0x806e0"),
                cpuid(HOST).missingOn(host(8, 0x906ec)));
        assertEquals(List.of("CPUID leaf 0x1 ecx lacks 0x4"), cpuid(HOST).missingOn(host(10, 0xb)));
        assertEquals(
                List.of("CPUID leaf 0x7.1 eax lacks 0x30"), cpuid(HOST).missingOn(host(20, 0)));
    }

    @Test
    void shouldEncodeWhatItDecodes() {
        byte[] bytes = cpuid(HOST).encode();
        assertArrayEquals(
                bytes,
                Cpuid.decode(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN)).encode());
    }
}
