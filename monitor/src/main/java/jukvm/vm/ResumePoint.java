package jukvm.vm;

import jukvm.x86.EmulatorState;
import org.jspecify.annotations.Nullable;

/**
 * What the vCPU loop of a clone goes on with.
 *
 * @param emulator what the emulator knew, null at ring 0
 * @param port of the hypercall that is to be answered
 * @param gpa what the guest passed to it; hostile
 */
public record ResumePoint(@Nullable EmulatorState emulator, int port, long gpa) {}
