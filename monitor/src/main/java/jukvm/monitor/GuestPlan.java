package jukvm.monitor;

import java.util.Optional;
import jukvm.abi.Dialect;
import jukvm.abi.PrivilegeLevel;
import jukvm.device.Devices;
import jukvm.device.NetRing;
import jukvm.device.Notices;
import jukvm.error.ConfigException;
import jukvm.image.GuestImage;
import jukvm.text.HostText;

/**
 * How one guest is to run, checked.
 *
 * @param image of the guest
 * @param dialect it speaks
 * @param memory of its VM in bytes, a network ring included
 * @param commandLine its arguments, joined
 * @param ring it runs at
 * @param limits of what it may use
 * @param devices it is attached to
 * @param snapshot it goes on from, if it is a clone
 * @param notices where trouble with those is told
 */
record GuestPlan(
        GuestImage image,
        Dialect dialect,
        long memory,
        String commandLine,
        PrivilegeLevel ring,
        Limits limits,
        Devices devices,
        Optional<Snapshot> snapshot,
        Notices notices) {
    /** Returns how much memory the guest is told it has, in bytes: a network ring is at its end. */
    long visible() {
        return devices.ring().map(NetRing::gpa).orElse(memory);
    }

    /** Refuses a size of memory that no guest can have. */
    static void checkMemory(long memory) {
        if (memory <= 0 || memory % Tender.MEMORY_UNIT != 0) {
            throw new ConfigException(
                    "guest memory of " + memory + " bytes is not a multiple of 2 MiB");
        }
    }

    /** Refuses a command line that cannot be passed. */
    static void checkCommandLine(Dialect dialect, String commandLine) {
        if (commandLine.indexOf('\0') >= 0) {
            throw new ConfigException("guest command line contains a zero byte");
        }
        int length = HostText.encode(commandLine).length;
        int max = dialect.maxCommandLine();
        if (length > max) {
            throw new ConfigException(
                    "Guest command line too long: "
                            + length
                            + " bytes (max="
                            + max
                            + " characters)");
        }
    }
}
