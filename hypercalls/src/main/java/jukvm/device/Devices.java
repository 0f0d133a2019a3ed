package jukvm.device;

import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import jukvm.io.Poller;
import org.jspecify.annotations.Nullable;

/** What one guest is attached to. */
public final class Devices {
    /** Handles are less than this: the bits of a ready set. */
    public static final int MAX_HANDLES = 64;

    private final Console console;
    private final WallClock clock;
    private final Poller poller;
    private final Map<Integer, AttachedDevice> attached;
    private final @Nullable AttachedDevice[] byHandle = new @Nullable AttachedDevice[MAX_HANDLES];
    private final Optional<NetRing> ring;

    /**
     * Makes the devices of a guest.
     *
     * @param console where its output goes
     * @param clock the wall clock it is told
     * @param poller where its poll waits
     * @param attached its other devices, by handle from 0 to 63
     */
    @SuppressWarnings("exports") // For the modules of the library.
    public Devices(
            Console console,
            WallClock clock,
            Poller poller,
            Map<Integer, ? extends AttachedDevice> attached) {
        this(console, clock, poller, attached, Optional.empty());
    }

    private Devices(
            Console console,
            WallClock clock,
            Poller poller,
            Map<Integer, ? extends AttachedDevice> attached,
            Optional<NetRing> ring) {
        this.console = console;
        this.clock = clock;
        this.poller = poller;
        this.attached = new TreeMap<>(attached);
        for (Map.Entry<Integer, AttachedDevice> entry : this.attached.entrySet()) {
            byHandle[entry.getKey()] = entry.getValue();
        }
        this.ring = ring;
    }

    /** Makes the devices of a guest with none but these. */
    @SuppressWarnings("exports") // For the modules of the library.
    public static Devices basic(Console console, WallClock clock, Poller poller) {
        return new Devices(console, clock, poller, Map.of());
    }

    /** Returns the same devices with a network ring. */
    public Devices withRing(NetRing offered) {
        return new Devices(console, clock, poller, attached, Optional.of(offered));
    }

    /** Returns where the guest's output goes. */
    public Console console() {
        return console;
    }

    /** Returns the wall clock the guest is told. */
    public WallClock clock() {
        return clock;
    }

    /** Returns where the guest's poll waits. */
    @SuppressWarnings("exports") // For the modules of the library.
    public Poller poller() {
        return poller;
    }

    /**
     * Returns the device of a handle, null if that has none or one of another type.
     *
     * @param type of the device, as it is attached
     * @param handle of which the low 32 bits count, as in solo5-hvt; hostile
     */
    public <T extends AttachedDevice> @Nullable T find(Class<T> type, long handle) {
        int index = (int) handle;
        AttachedDevice device = index >= 0 && index < MAX_HANDLES ? byHandle[index] : null;
        return type.isInstance(device) ? type.cast(device) : null;
    }

    /** Returns the network ring, if the guest is offered one. */
    public Optional<NetRing> ring() {
        return ring;
    }

    /** Returns whether the guest has no device with a handle. */
    public boolean isEmpty() {
        return attached.isEmpty();
    }

    /** Returns all devices with a handle, in the order of these. */
    public Collection<AttachedDevice> all() {
        return Collections.unmodifiableCollection(attached.values());
    }

    /** Returns the devices of a type, by handle and in the order of these. */
    public <T extends AttachedDevice> Map<Integer, T> all(Class<T> type) {
        Map<Integer, T> found = new TreeMap<>();
        for (Map.Entry<Integer, AttachedDevice> entry : attached.entrySet()) {
            if (type.isInstance(entry.getValue())) {
                found.put(entry.getKey(), type.cast(entry.getValue()));
            }
        }
        return found;
    }
}
