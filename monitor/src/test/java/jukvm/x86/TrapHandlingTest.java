package jukvm.x86;

import static jukvm.x86.TrappedGuest.ERROR;
import static jukvm.x86.TrappedGuest.FLAGS;
import static jukvm.x86.TrappedGuest.GP_PORT;
import static jukvm.x86.TrappedGuest.RIP;
import static jukvm.x86.TrappedGuest.STACK;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import jukvm.error.GuestException;
import jukvm.kvm.KvmRegs.Reg;
import jukvm.x86.TrapEmulator.Result;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which exceptions of a guest at ring 3 are its own, and which end it. */
final class TrapHandlingTest {
    private final TrappedGuest guest = new TrappedGuest();

    @AfterEach
    void close() {
        guest.close();
    }

    @Test
    void shouldTellOfHlt() {
        assertEquals(Result.HLT, guest.trap("f4"));
        guest.assertGoesOn(RIP, FLAGS, STACK);
    }

    @Test
    void shouldHandItEveryOtherInstructionThatItMayNot() {
        guest.putGate(13);
        assertEquals(Result.RESUME, guest.trap("0f 01 d8")); // vmrun
        long rsp = STACK - 128 - 48;
        guest.assertGoesOn(TrappedGuest.handler(13), FLAGS & ~0x200, rsp);
        assertEquals(ERROR, guest.memory.u64(rsp));
        assertEquals(RIP, guest.memory.u64(rsp + 8));
    }

    @Test
    void shouldEmulateAtGeneralProtectionAlone() {
        guest.putGate(6);
        guest.memory.owned(RIP, 1).put((byte) 0xf4);
        assertEquals(Result.RESUME, guest.emulator.trap(0xe0 + 6));
        guest.assertGoesOn(TrappedGuest.handler(6), FLAGS & ~0x200, STACK - 128 - 40);
        assertEquals(RIP, guest.memory.u64(STACK - 128 - 40));
    }

    @Test
    void shouldHandItADoubleFaultWhereItHasNoHandler() {
        guest.putGate(8);
        guest.memory.putU64(STACK - 128 - 48, -1);
        assertEquals(Result.RESUME, guest.trap("0f 01 d8"));
        assertEquals(TrappedGuest.handler(8), guest.rip());
        assertEquals(0, guest.memory.u64(guest.rsp()), "its error code is always 0");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 0x08, 0x18, 0x1a, 0x09})
    void shouldLetNobodyGetToSupervisorCode(long cs) {
        guest.putFrame(cs, STACK);
        assertEquals(
                "guest reached supervisor code, exception 13",
                TrappedGuest.refusal(() -> guest.trap("fa")));
        assertEquals(RIP, guest.rip());
    }

    // The bits are present, write, user, reserved, execute: SDM volume 3, section 4.7.
    @ParameterizedTest
    @CsvSource({
        "0x4, 0x0, 0x0", // there is no page: as at ring 0, but not by a user
        "0x6, 0x100000, 0x2",
        "0x14, 0xffffffffffffffff, 0x10",
        "0x7, 0x5000, 0x2", // the monitor's, which is not there for the guest
        "0x5, 0x0, 0x0",
        "0x7, 0x5ffc, 0x2",
        "0x7, 0xffff, 0x2",
        "0x7, 0x10000, 0x3", // boot info, which it can read
        "0x7, 0x11fff, 0x3",
        "0x7, 0xff000, 0x3" // its own
    })
    void shouldHandItItsPageFault(String error, String address, String pushed) {
        guest.putGate(14);
        guest.putError(Long.decode(error));
        guest.putCr2(Long.parseUnsignedLong(address.substring(2), 16));
        assertEquals(Result.RESUME, guest.emulator.trap(0xe0 + 14));
        assertEquals(TrappedGuest.handler(14), guest.rip());
        assertEquals(Long.decode(pushed), guest.memory.u64(guest.rsp()));
    }

    @ParameterizedTest
    @CsvSource({"0x500, 3", "0x5000, 2", "0x8fff, 2", "0x9000, 3", "0x10000, 3"})
    void shouldLeaveLowMemoryToAGuestThatOwnsIt(String address, long pushed) {
        try (TrappedGuest old = new TrappedGuest(0x1000, 0x9000)) {
            old.putGate(14);
            old.putError(7);
            old.putCr2(Long.decode(address));
            assertEquals(Result.RESUME, old.emulator.trap(0xe0 + 14));
            assertEquals(pushed, old.memory.u64(old.rsp()));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0x5, 0x100000, access to gpa=0x100000",
        "0x7, 0x100000, write to read-only gpa=0x100000",
        "0x15, 0x3ff000, execution of non-executable gpa=0x3ff000",
        "0x17, 0x3ff000, execution of non-executable gpa=0x3ff000",
        "0x7, 0xffffffffffffffff, write to read-only gpa=0xffffffffffffffff"
    })
    void shouldEndAGuestThatViolatesTheRightsOfAPage(String error, String cr2, String what) {
        guest.putGate(14);
        guest.putError(Long.decode(error));
        guest.putCr2(Long.parseUnsignedLong(cr2.substring(2), 16));
        assertEquals(
                "host/guest translation fault: " + what,
                TrappedGuest.refusal(() -> guest.emulator.trap(0xe0 + 14)));
    }

    @Test
    void shouldGoByWhatTheVcpuHoldsAtEachTrap() {
        guest.vcpu.general.put(Reg.RCX, 0x2000);
        guest.assertEmulated("0f 22 d9");
        guest.putFrame(0x0b, STACK);
        guest.vcpu.general.put(Reg.RCX, 0x2001);
        assertThrows(GuestException.class, () -> guest.trap("0f 22 d9"));
        assertEquals(2, guest.emulator.traps());
    }

    @Test
    void shouldTellWhereTheGuestWas() {
        assertEquals(RIP, guest.emulator.rip());
        assertEquals(STACK, guest.emulator.rsp());
        assertEquals(FLAGS, guest.emulator.rflags());
        assertEquals(0, guest.emulator.traps());
        assertEquals(13, TrapEmulator.vector(GP_PORT));
    }

    @ParameterizedTest
    @CsvSource({
        "0, true",
        "0x7fffffffffff, true",
        "0x800000000000, false",
        "0xffff7fffffffffff, false",
        "0xffff800000000000, true",
        "0xffffffffffffffff, true"
    })
    void shouldKnowTheAddressesThatRegistersTake(String address, boolean isCanonical) {
        long value = Long.parseUnsignedLong(address.replace("0x", ""), 16);
        assertEquals(isCanonical, TrapEmulator.isCanonical(value));
    }
}
