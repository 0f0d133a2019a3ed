package jukvm.tests.guest;

import java.io.IOException;
import java.nio.file.Path;
import jukvm.guest.PrivilegeMode;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;

/** What a guest is given beside memory: its devices, and whoever is at their other end. */
interface Fixture extends AutoCloseable {
    /** No devices. */
    Fixture NONE = guest -> guest;

    /**
     * Where a guest runs.
     *
     * @param file its image
     * @param fewer whether things are done less often, because ring 0 or the whole host is emulated
     */
    record Place(Monitor monitor, Path file, PrivilegeMode privilege, boolean fewer) {
        /** Returns how often things are done: 50 or 200 times. */
        int times() {
            return fewer ? 50 : 200;
        }
    }

    /** Returns a guest like this one, with the devices. */
    GuestSpec attach(GuestSpec guest);

    /** Checks what the guest left, when it has succeeded. */
    default void check() throws Exception {}

    @Override
    default void close() throws IOException {}
}
