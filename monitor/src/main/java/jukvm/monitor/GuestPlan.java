package jukvm.monitor;

import jukvm.abi.Dialect;
import jukvm.device.Devices;
import jukvm.device.Notices;
import jukvm.image.GuestImage;

/**
 * How one guest is to run, checked.
 *
 * @param image of the guest
 * @param dialect it speaks
 * @param memory in bytes
 * @param commandLine its arguments, joined
 * @param ring it runs at, 0 or 3
 * @param limits of what it may use
 * @param devices it is attached to
 * @param notices where trouble with those is told
 */
record GuestPlan(
        GuestImage image,
        Dialect dialect,
        long memory,
        String commandLine,
        int ring,
        Limits limits,
        Devices devices,
        Notices notices) {}
