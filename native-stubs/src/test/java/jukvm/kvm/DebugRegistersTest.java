package jukvm.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jukvm.kvm.DebugRegisters.Kind;
import jukvm.kvm.DebugRegisters.Target;
import org.junit.jupiter.api.Test;

final class DebugRegistersTest {
    private final DebugRegisters registers = new DebugRegisters();

    private long[] written() {
        ByteBuffer to = ByteBuffer.allocate(72).order(ByteOrder.LITTLE_ENDIAN);
        registers.writeTo(to, 8);
        long[] values = new long[8];
        to.position(8);
        to.asLongBuffer().get(values);
        return values;
    }

    @Test
    void shouldHaveAddressesAndHowTheyAreWaitedFor() {
        assertTrue(registers.add(new Target(Kind.EXECUTION, 0x100001, 1)));
        assertTrue(registers.add(new Target(Kind.WRITE, 0x200000, 4)));
        assertTrue(registers.add(new Target(Kind.ACCESS, 0x300008, 8)));
        long[] written = written();
        assertEquals(0x100001, written[0]);
        assertEquals(0x200000, written[1]);
        assertEquals(0x300008, written[2]);
        assertEquals(0, written[3]);
        // Enabled 1, 1, 1; an instruction of 1, a write of 4, an access to 8.
        assertEquals(0xbd00415, written[7], Long.toHexString(written[7]));
    }

    @Test
    void shouldPartWhatOnePlaceCannotHold() {
        Target odd = new Target(Kind.WRITE, 0x1001, 7); // Of 1, 2 and 4.
        assertTrue(registers.add(odd));
        long[] written = written();
        assertEquals(0x1001, written[0]);
        assertEquals(0x1002, written[1]);
        assertEquals(0x1004, written[2]);
        assertEquals(odd, registers.met(1 << 2));
        assertFalse(registers.add(new Target(Kind.WRITE, 0x2000, 16)));
        assertEquals(0, written()[3]);
        assertTrue(registers.add(new Target(Kind.WRITE, 0x2000, 2)));
        assertFalse(registers.add(new Target(Kind.WRITE, 0x2002, 2)));
        assertTrue(registers.remove(odd));
        assertFalse(registers.remove(odd));
        assertEquals(0x2000, written()[0]);
        assertFalse(registers.add(new Target(Kind.WRITE, 0, 1 << 30)));
    }

    @Test
    void shouldTellWhatWasMet() {
        Target instruction = new Target(Kind.EXECUTION, 0x1000, 1);
        Target data = new Target(Kind.WRITE, 0x2000, 8);
        assertTrue(registers.isEmpty());
        assertEquals(0, written()[7]);
        assertTrue(registers.add(instruction) && registers.add(data) && registers.add(data));
        assertTrue(registers.holds(data));
        assertEquals(instruction, registers.met(0xffff0ff1L));
        assertEquals(data, registers.met(0xffff0ff3L));
        assertNull(registers.met(0xffff4ff0L)); // A step.
        assertNull(registers.met(0xffff0ffcL));
        registers.clear();
        assertTrue(registers.isEmpty());
    }
}
