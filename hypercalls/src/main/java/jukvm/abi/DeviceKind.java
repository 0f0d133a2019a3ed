package jukvm.abi;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import jukvm.device.AttachedDevice;
import jukvm.device.DeviceCounters;
import jukvm.device.Devices;
import jukvm.device.Notices;
import jukvm.hypercall.HypercallTable;
import jukvm.io.Poller;

/**
 * A kind of device: all that the library knows of it, in one place. {@link DeviceType} lists the
 * kinds; the command has a counterpart for the options of each.
 *
 * @param <D> what an embedder gives
 * @param <A> what that is once it is attached to a guest
 */
public abstract class DeviceKind<D, A extends AttachedDevice> {
    /** Why a device that was {@link #recalled} does nothing. */
    static final String UNUSABLE = "is a recorded device";

    private final Class<D> given;
    private final Class<A> attached;

    /** Makes the kind of these types. */
    DeviceKind(Class<D> given, Class<A> attached) {
        this.given = given;
        this.attached = attached;
    }

    /** Returns what a device of the kind is once it is attached to a guest. */
    public final Class<A> attached() {
        return attached;
    }

    /**
     * Attaches a device to a guest.
     *
     * @param name in the guest's manifest
     * @param device of this kind
     * @param notices where trouble with it is told
     * @param stop is woken when the guest is stopped
     * @throws jukvm.error.ConfigException if it is impossible in itself
     * @throws ClassCastException if it is of another kind
     */
    @SuppressWarnings("exports") // For the modules of the library.
    public final A attach(String name, Object device, Notices notices, Poller stop) {
        return attachGiven(name, given.cast(device), notices, stop);
    }

    /** Writes the properties of an attached device of this kind to its entry in a manifest. */
    final void encode(ByteBuffer entry, AttachedDevice device) {
        encodeAttached(entry, attached.cast(device));
    }

    /** Returns what an attached device tells of itself, as a manifest's entry has it. */
    public final byte[] properties(AttachedDevice device) {
        ByteBuffer entry = ByteBuffer.allocate(Manifest.ENTRY_SIZE).order(ByteOrder.LITTLE_ENDIAN);
        encode(entry, device);
        return Arrays.copyOfRange(entry.array(), Manifest.PROPERTIES, Manifest.PROPERTIES_END);
    }

    /**
     * Returns a device that tells of itself what another did, and does nothing.
     *
     * @param properties of {@link #properties}; hostile
     * @throws IndexOutOfBoundsException if they are too long
     */
    public final D recalled(byte[] properties) {
        ByteBuffer entry = ByteBuffer.allocate(Manifest.ENTRY_SIZE).order(ByteOrder.LITTLE_ENDIAN);
        return recall(entry.put(Manifest.PROPERTIES, properties));
    }

    /** Returns what devices of the kind are called together, as in reports. */
    public abstract String plural();

    /** Returns the call by which an embedder gives a guest one, for messages. */
    public abstract String call(String name);

    /** Returns the counters of a device that did nothing. */
    public abstract DeviceCounters none();

    abstract A attachGiven(String name, D device, Notices notices, Poller stop);

    abstract void encodeAttached(ByteBuffer entry, A device);

    abstract D recall(ByteBuffer entry);

    /** Adds the hypercalls of a dialect for guests that have devices of the kind. */
    abstract void addCalls(HypercallTable table, Dialect dialect, Devices devices);
}
