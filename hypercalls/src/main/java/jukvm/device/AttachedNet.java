package jukvm.device;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import jukvm.error.ConfigException;
import jukvm.error.HostException;
import jukvm.host.Pollable;
import jukvm.memory.GuestMemory;
import org.jspecify.annotations.Nullable;

/**
 * A network device as one guest has it: checks what the guest asks for, carries it out on guest
 * memory without a copy, but for what it reads into less room than the longest frame needs, and
 * counts.
 *
 * <p>Thread-safe: a guest's vCPU and its network ring may use it at the same time.
 */
public final class AttachedNet implements AttachedDevice {
    // The largest frame is the MTU, the header, and a VLAN tag.
    private static final int VLAN_TAG = 4;
    private static final int MIN_MTU = 68;
    private static final int MAX_MTU = 65535;

    private final String name;
    private final NetDevice device;
    private final Notices notices;
    private final MacAddress mac;
    private final int mtu;
    private final int maxFrame;
    private @Nullable ByteBuffer whole;
    private boolean gone;
    private long framesRead;
    private long bytesRead;
    private long framesCut;
    private long framesWritten;
    private long bytesWritten;
    private long framesDropped;
    private long framesRefused;

    /**
     * What a guest did with a network device.
     *
     * @param framesRead by the guest
     * @param bytesRead in those
     * @param framesCut of those, that were longer than the guest's buffer
     * @param framesWritten by the guest and taken by the device
     * @param bytesWritten in those
     * @param framesDropped by the device
     * @param framesRefused because no frame has that length
     */
    public record Counters(
            long framesRead,
            long bytesRead,
            long framesCut,
            long framesWritten,
            long bytesWritten,
            long framesDropped,
            long framesRefused)
            implements DeviceCounters {
        /** Those of a guest that did nothing. */
        public static final Counters NONE = new Counters(0, 0, 0, 0, 0, 0, 0);

        @Override
        public Counters plus(DeviceCounters other) {
            Counters more = (Counters) other;
            return new Counters(
                    framesRead + more.framesRead,
                    bytesRead + more.bytesRead,
                    framesCut + more.framesCut,
                    framesWritten + more.framesWritten,
                    bytesWritten + more.bytesWritten,
                    framesDropped + more.framesDropped,
                    framesRefused + more.framesRefused);
        }

        @Override
        public Map<String, Object> rows() {
            Map<String, Object> rows = new LinkedHashMap<>();
            rows.put("frames_read", framesRead);
            rows.put("bytes_read", bytesRead);
            rows.put("frames_cut", framesCut);
            rows.put("frames_written", framesWritten);
            rows.put("bytes_written", bytesWritten);
            rows.put("frames_dropped", framesDropped);
            rows.put("frames_refused", framesRefused);
            return rows;
        }
    }

    /**
     * Attaches a device to a guest.
     *
     * @param name in the guest's manifest
     * @throws ConfigException if the device has an impossible address or MTU
     */
    public AttachedNet(String name, NetDevice device, Notices notices) {
        this.name = name;
        this.device = device;
        this.notices = notices;
        this.mac = device.mac();
        this.mtu = device.mtu();
        this.maxFrame = NetDevice.HEADER_SIZE + VLAN_TAG + mtu;
        if (mac.isMulticast()) {
            throw new ConfigException(name + ": " + mac + " is a multicast address");
        }
        if (mtu < MIN_MTU || mtu > MAX_MTU) {
            throw new ConfigException(
                    name + ": MTU of " + mtu + " bytes, need " + MIN_MTU + " to " + MAX_MTU);
        }
    }

    @Override
    public String name() {
        return name;
    }

    /** Returns the guest's hardware address. */
    public MacAddress mac() {
        return mac;
    }

    /** Returns the largest payload of a frame, in bytes. */
    public int mtu() {
        return mtu;
    }

    /** Returns what is readable while a frame waits. */
    public Pollable readiness() {
        return device.readiness();
    }

    @Override
    public synchronized Counters counters() {
        return new Counters(
                framesRead,
                bytesRead,
                framesCut,
                framesWritten,
                bytesWritten,
                framesDropped,
                framesRefused);
    }

    /** Returns whether the device has failed for good; nothing waits for it any more. */
    public synchronized boolean isGone() {
        return gone;
    }

    /** Takes the device for failed, because waiting for it fails. */
    public synchronized void lose() {
        fail("has vanished");
    }

    /**
     * Reads a frame to guest memory.
     *
     * @param gpa guest-physical address of the buffer; hostile
     * @param length of the buffer in bytes; hostile
     * @return the frame's length in bytes; 0 if none waits, -1 if the device is gone
     * @throws jukvm.error.GuestException if the buffer is not the guest's to write
     */
    @SuppressWarnings("exports") // For the modules of the library.
    public synchronized int read(GuestMemory memory, long gpa, long length) {
        memory.requireWritable(gpa, length);
        if (gone) {
            return -1;
        }
        int room = (int) Math.min(length, maxFrame);
        if (room == 0) {
            return 0; // A device would cut the frame off to nothing, and it would be lost.
        }
        ByteBuffer into = memory.writable(gpa, room);
        int start = into.position();
        try {
            if (!(room == maxFrame ? device.read(into) : readCut(into))) {
                return 0;
            }
        } catch (IOException | HostException e) {
            fail(Notices.fact(e));
            return -1;
        }
        int read = into.position() - start;
        framesRead++;
        bytesRead += read;
        return read;
    }

    // Only in a buffer for the longest is it seen whether a frame was longer than the guest's.
    private boolean readCut(ByteBuffer into) throws IOException {
        ByteBuffer frame = whole;
        if (frame == null) {
            frame = ByteBuffer.allocateDirect(maxFrame);
            whole = frame;
        }
        if (!device.read(frame.clear())) {
            return false;
        }
        frame.flip();
        if (frame.limit() > into.remaining()) {
            frame.limit(into.remaining());
            framesCut++;
        }
        into.put(frame);
        return true;
    }

    /**
     * Writes a frame from guest memory. A frame that the network drops was written all the same, as
     * Solo5 has it.
     *
     * @param gpa guest-physical address of the frame; hostile
     * @param length of the frame in bytes; hostile
     * @throws jukvm.error.GuestException if the frame is not in guest memory
     */
    @SuppressWarnings("exports") // For the modules of the library.
    public synchronized IoResult write(GuestMemory memory, long gpa, long length) {
        memory.requireReadable(gpa, length);
        if (length < NetDevice.HEADER_SIZE || length > maxFrame) {
            framesRefused++;
            return IoResult.EINVAL;
        }
        if (gone) {
            return IoResult.EUNSPEC;
        }
        try {
            if (device.write(memory.readable(gpa, length))) {
                framesWritten++;
                bytesWritten += length;
            } else {
                framesDropped++;
            }
            return IoResult.OK;
        } catch (IOException | HostException e) {
            fail(Notices.fact(e));
            return IoResult.EUNSPEC;
        }
    }

    private void fail(String fact) {
        if (!gone) {
            gone = true;
            notices.tell("device '" + name + "': " + fact + "; the guest goes on without it");
        }
    }
}
