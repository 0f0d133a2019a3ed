package jukvm.vm;

import jukvm.abi.Dialect;
import jukvm.abi.PrivilegeLevel;
import jukvm.device.Devices;
import jukvm.image.GuestImage;

/**
 * The guest that a snapshot is taken of.
 *
 * @param image it is of
 * @param dialect it speaks
 * @param privilege it runs at
 * @param devices it was told of
 */
public record SnapshotOrigin(
        GuestImage image, Dialect dialect, PrivilegeLevel privilege, Devices devices) {}
