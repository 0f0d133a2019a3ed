package jukvm.replay;

import java.util.function.Consumer;
import jukvm.abi.Dialect;
import jukvm.abi.PrivilegeLevel;
import jukvm.device.Devices;
import jukvm.guest.Outcome;
import jukvm.hypercall.GuestHypercalls;
import jukvm.image.GuestImage;
import jukvm.vm.GuestVm;

/**
 * A guest that is about to be entered and is recorded or replayed.
 *
 * @param vm it is in
 * @param image of it
 * @param dialect it was asked for as
 * @param privilege it runs at
 * @param commandLine its arguments, joined
 * @param devices it is attached to
 * @param calls its hypercalls as they are answered without a recording
 * @param stop ends it
 * @param operator is told what there is to say, in a line
 */
public record ControlledGuest(
        GuestVm vm,
        GuestImage image,
        Dialect dialect,
        PrivilegeLevel privilege,
        String commandLine,
        Devices devices,
        GuestHypercalls calls,
        Consumer<Outcome> stop,
        Consumer<String> operator) {}
