package jukvm.vm;

import java.lang.ref.WeakReference;
import java.util.Set;
import jukvm.abi.DeviceType;
import jukvm.abi.Dialect;
import jukvm.abi.PrivilegeLevel;
import org.jspecify.annotations.Nullable;

/**
 * What guests have in common whose memory begins alike: everything but boot info, which holds their
 * arguments and their devices' addresses.
 *
 * @param origin they are of: the very image or snapshot, which whoever starts many guests keeps.
 *     The key does not: once nobody else has it, no guest can come that finds the same
 * @param identity hash code of the origin
 * @param isSnapshot whether guests go on from a snapshot
 * @param dialect they speak
 * @param privilege they run at
 * @param memory of theirs, in bytes
 * @param devices of which types they have, which opens ports
 * @param hasRing whether they are offered a network ring, which opens a port and takes the end of
 *     memory
 */
public record TemplateKey(
        WeakReference<Object> origin,
        int identity,
        boolean isSnapshot,
        Dialect dialect,
        PrivilegeLevel privilege,
        long memory,
        Set<DeviceType> devices,
        boolean hasRing) {
    // Written out, here and in ShellKind: making those of a record takes a cold JVM 15 ms.
    @Override
    public boolean equals(@Nullable Object other) {
        return other == this
                || other instanceof TemplateKey key
                        && isOfSame(key)
                        && dialect == key.dialect
                        && privilege == key.privilege
                        && memory == key.memory
                        && devices.equals(key.devices)
                        && hasRing == key.hasRing;
    }

    @Override
    public int hashCode() {
        return 31 * identity + Long.hashCode(memory) + privilege.number();
    }

    private boolean isOfSame(TemplateKey key) {
        Object own = origin.get();
        return own != null && own == key.origin.get();
    }

    /** Returns whether no guest can come any more that finds this key's template. */
    boolean isUnused() {
        return origin.get() == null;
    }
}
