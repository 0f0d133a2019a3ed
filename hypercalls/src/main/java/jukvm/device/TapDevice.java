package jukvm.device;

import java.nio.ByteBuffer;
import jukvm.host.Pollable;
import jukvm.io.Requester;
import jukvm.net.Tap;

/** A network device whose other end is a TAP interface of the host. */
public final class TapDevice implements NetDevice, AutoCloseable {
    private final Tap tap;
    private final MacAddress mac;

    private TapDevice(Tap tap, MacAddress mac) {
        this.tap = tap;
        this.mac = mac;
    }

    /**
     * Attaches to an interface that exists and is up.
     *
     * @param name of the interface
     * @param mac the guest's hardware address; not the interface's own
     * @throws jukvm.error.JukvmException if that cannot be done, with what to do
     */
    public static TapDevice open(String name, MacAddress mac) {
        return open(Requester.self(), name, mac);
    }

    /**
     * Attaches to an interface that exists and is up, with the caller's rights and in its network
     * namespace.
     *
     * @param name of the interface
     * @param mac the guest's hardware address; not the interface's own
     * @throws jukvm.error.JukvmException if that cannot be done, with what to do
     */
    @SuppressWarnings("exports") // For the modules of the library.
    public static TapDevice open(Requester caller, String name, MacAddress mac) {
        return new TapDevice(Tap.open(caller, name), mac);
    }

    /**
     * Takes over a descriptor of a TAP interface that this process has inherited.
     *
     * @param descriptor its number
     * @param mac the guest's hardware address; not the interface's own
     * @throws jukvm.error.JukvmException if it is none, with what it is
     */
    public static TapDevice adopt(int descriptor, MacAddress mac) {
        return adopt(Requester.self(), descriptor, mac);
    }

    /**
     * Takes over a descriptor of a TAP interface that the caller has inherited.
     *
     * @param descriptor its number in the caller
     * @param mac the guest's hardware address; not the interface's own
     * @throws jukvm.error.JukvmException if it is none, with what it is
     */
    @SuppressWarnings("exports") // For the modules of the library.
    public static TapDevice adopt(Requester caller, int descriptor, MacAddress mac) {
        return new TapDevice(Tap.adopt(caller, descriptor), mac);
    }

    /** Makes one of an interface that is attached, which is closed with it. */
    @SuppressWarnings("exports") // For the modules of the library.
    public static TapDevice of(Tap tap, MacAddress mac) {
        return new TapDevice(tap, mac);
    }

    /** Returns the interface. */
    @SuppressWarnings("exports") // For the modules of the library.
    public Tap tap() {
        return tap;
    }

    @Override
    public MacAddress mac() {
        return mac;
    }

    @Override
    public int mtu() {
        return tap.mtu();
    }

    @Override
    public Pollable readiness() {
        return tap;
    }

    @Override
    public boolean read(ByteBuffer into) {
        return tap.read(into);
    }

    @Override
    public boolean write(ByteBuffer frame) {
        return tap.write(frame);
    }

    /** Detaches from the interface, which stays. */
    @Override
    public void close() {
        tap.close();
    }
}
