package jukvm.cli.device;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import jukvm.cli.invoker.Outputs;
import jukvm.device.NetDevice;
import jukvm.device.PcapngCapture;
import jukvm.error.ConfigException;
import jukvm.error.JukvmException;
import jukvm.io.Requester;
import jukvm.monitor.GuestSpec;
import jukvm.sandbox.Use;

/** The devices of one run, opened: all of those asked for, or none. */
public final class OpenDevices implements AutoCloseable {
    private final Requester caller;
    private final Outputs outputs;
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final Deque<PcapngCapture> captures = new ArrayDeque<>();
    private final List<String> notes = new ArrayList<>();

    private final Map<String, NetDevice> interfaces = new LinkedHashMap<>();

    private final Set<Use> uses = EnumSet.noneOf(Use.class);

    private GuestSpec guest;
    private long longest;

    private OpenDevices(Requester caller, Outputs outputs, GuestSpec guest) {
        this.caller = caller;
        this.outputs = outputs;
        this.guest = guest;
    }

    /**
     * Opens what the options ask for, with the caller's rights, and gives it to the guest.
     *
     * @param outputs which opens captures
     * @throws JukvmException if one cannot be opened; none is open then
     */
    public static OpenDevices open(
            Requester caller, DeviceOptions options, Outputs outputs, GuestSpec guest) {
        OpenDevices devices = new OpenDevices(caller, outputs, guest);
        try {
            options.forEach(devices::open);
            return devices;
        } catch (JukvmException e) {
            devices.close();
            throw e;
        }
    }

    private void open(String name, AskedDevice asked) {
        try {
            guest = asked.open(name, this, guest);
        } catch (JukvmException e) {
            throw new ConfigException(asked.failure() + ": " + e.getMessage());
        }
    }

    /** Returns the guest with its devices. */
    public GuestSpec guest() {
        return guest;
    }

    /** Returns with whose rights devices are opened. */
    Requester caller() {
        return caller;
    }

    /** Takes a device that was opened, to close it. */
    <T extends AutoCloseable> T add(T device) {
        opened.push(device);
        return device;
    }

    /** Notes what is needed while the guest runs, beyond what is open. */
    void need(Use use) {
        uses.add(use);
    }

    /** Returns what the devices need while the guest runs, beyond what is open. */
    public Set<Use> uses() {
        return Collections.unmodifiableSet(uses);
    }

    /** Notes how long the file of a disk is, in bytes. */
    void size(long bytes) {
        longest = Math.max(longest, bytes);
    }

    /** Returns how long the longest file of a disk is, in bytes. */
    public long longest() {
        return longest;
    }

    /** Notes what an interface of the guest's is attached to. */
    void connect(String name, NetDevice device) {
        interfaces.put(name, device);
    }

    /** Returns what the guest's interfaces are attached to, by name. */
    public Map<String, NetDevice> interfaces() {
        return Collections.unmodifiableMap(interfaces);
    }

    /** Notes what the operator is to know of a device. */
    void note(String line) {
        notes.add(line);
    }

    /** Returns what the operator is to know of the devices, a line each. */
    public Iterable<String> notes() {
        return notes;
    }

    /**
     * Has all frames of a device written to a file.
     *
     * @throws ConfigException if it cannot be written
     */
    PcapngCapture capture(NetDevice device, String name, String file) {
        String option = "--net-pcap:" + name;
        try {
            PcapngCapture capture =
                    PcapngCapture.of(device, name, file, outputs.open(option, file));
            captures.add(add(capture));
            return capture;
        } catch (IOException e) {
            throw new ConfigException(option + ": cannot write: " + e.getMessage());
        }
    }

    /** Returns what went wrong with each capture that is not complete, a line each. */
    public Iterable<String> captureFailures() {
        List<String> failures = new ArrayList<>();
        captures.forEach(capture -> capture.failure().ifPresent(failures::add));
        return failures;
    }

    /** Waits no more for whoever reads captures; from any thread. */
    public void stopWaiting() {
        captures.forEach(PcapngCapture::stopWaiting);
    }

    @Override
    public void close() {
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception e) {
                throw new IllegalStateException(e); // None of ours throws a checked one.
            }
        }
    }
}
