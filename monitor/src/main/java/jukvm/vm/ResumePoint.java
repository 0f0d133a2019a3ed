package jukvm.vm;

import jukvm.device.NetRing;
import jukvm.x86.EmulatorState;
import org.jspecify.annotations.Nullable;

/**
 * What a clone goes on with beside its memory and its vCPU.
 *
 * @param emulator what the emulator knew, null at ring 0
 * @param port of the hypercall that is to be answered
 * @param gpa what the guest passed to it; hostile
 * @param ring where its network ring goes on, null if it is offered none
 */
public record ResumePoint(
        @Nullable EmulatorState emulator, int port, long gpa, NetRing.@Nullable State ring) {}
