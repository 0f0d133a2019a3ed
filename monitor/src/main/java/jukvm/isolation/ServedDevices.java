package jukvm.isolation;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import jukvm.device.AttachedBlock;
import jukvm.device.AttachedNet;
import jukvm.device.BlockDevice;
import jukvm.device.Devices;
import jukvm.device.FileDisk;
import jukvm.device.NetDevice;
import jukvm.device.Notices;
import jukvm.device.TapDevice;
import jukvm.error.ConfigException;
import jukvm.error.HostException;
import jukvm.io.Channel;
import jukvm.io.Poller;

/**
 * The devices of a guest in a worker: files and TAP interfaces it has itself, by their descriptors;
 * what is the embedder's is asked here. What the worker asks for is hostile. Belongs to the guest's
 * thread.
 */
final class ServedDevices implements AutoCloseable {
    private static final long HELD_NANOS = 1_000_000;
    private static final long FOREVER = -1;
    private static final int CHANNEL = 0;
    private static final int NOTHING = -1;

    private final List<AskedDevice> asked = new ArrayList<>();
    private final List<Integer> descriptors = new ArrayList<>();
    private final List<Object> given = new ArrayList<>();
    private final List<ServedNet> nets = new ArrayList<>();
    private final Notices notices;
    private final Poller poller = new Poller();

    /**
     * Makes them ready for a guest.
     *
     * @param attached as the guest has them
     * @param objects what was given, by name
     * @throws ConfigException if they are too many
     * @throws HostException if the host has no descriptors for them
     */
    ServedDevices(Devices attached, Map<String, Object> objects, Notices notices) {
        this.notices = notices;
        try {
            for (AttachedBlock block : attached.all(AttachedBlock.class).values()) {
                addBlock(block, Objects.requireNonNull(objects.get(block.name())));
            }
            for (AttachedNet net : attached.all(AttachedNet.class).values()) {
                addNet(net, Objects.requireNonNull(objects.get(net.name())));
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private void addBlock(AttachedBlock block, Object device) {
        if (device instanceof FileDisk disk) {
            String path = disk.file().name();
            add(
                    AskedDevice.disk(block.name(), AskedDevice.Way.FILE, path, block),
                    disk.file().descriptor(),
                    disk);
        } else {
            add(AskedDevice.disk(block.name(), AskedDevice.Way.BLOCK, "", block), NOTHING, device);
        }
    }

    private void addNet(AttachedNet net, Object device) {
        if (device instanceof TapDevice tap) {
            String name = tap.tap().name();
            add(
                    AskedDevice.net(net.name(), AskedDevice.Way.TAP, name, net.mac(), net.mtu()),
                    tap.tap().descriptor(),
                    tap);
            return;
        }
        int index = 2 * nets.size() + 1;
        if (index + 1 >= Long.SIZE) {
            throw new ConfigException(
                    "a guest in a process of its own has 31 interfaces that are no TAP at most");
        }
        ServedNet served = new ServedNet((NetDevice) device, net.mtu(), index, poller);
        nets.add(served);
        add(
                AskedDevice.net(net.name(), AskedDevice.Way.NET, "", net.mac(), net.mtu()),
                served.theirs().number(),
                device);
    }

    private void add(AskedDevice device, int descriptor, Object object) {
        asked.add(device);
        descriptors.add(descriptor);
        given.add(object);
    }

    /** Returns how many there are. */
    int count() {
        return asked.size();
    }

    /** Tells the worker of all of them. */
    void tell(Channel channel) {
        for (int i = 0; i < asked.size(); i++) {
            ByteBuffer at = Message.begin(channel.begin(), Message.Kind.DEVICE);
            asked.get(i).write(at);
            int descriptor = descriptors.get(i);
            if (descriptor == NOTHING) {
                channel.send();
            } else {
                channel.send(descriptor);
            }
        }
        nets.forEach(net -> net.theirs().close());
        if (!nets.isEmpty()) {
            poller.watch(CHANNEL, channel);
        }
    }

    /** Passes frames until the worker has something to say. */
    void awaitMessage() {
        boolean isThere = nets.isEmpty();
        while (!isThere) {
            boolean isHeld = nets.stream().anyMatch(ServedNet::isHeld);
            long ready = poller.await(isHeld ? HELD_NANOS : FOREVER);
            long failed = poller.failed();
            for (ServedNet net : nets) {
                if (net.hasFailed(failed)) {
                    net.lose(poller);
                } else {
                    attempt(() -> net.pass(ready, poller));
                }
            }
            isThere = (ready & (1L << CHANNEL)) != 0;
        }
    }

    /** Passes on the last frames of the guest. */
    void drain() {
        nets.forEach(net -> attempt(net::drain));
    }

    /** Passes frames no more. */
    void loseNets() {
        nets.forEach(net -> net.lose(poller));
    }

    private interface Step {
        void run() throws IOException;
    }

    private void attempt(Step step) {
        try {
            step.run();
        } catch (IOException | HostException e) {
            notices.tell("a network device of the guest's: " + Notices.fact(e));
        }
    }

    /** Returns the disk that a worker asks for, from what it sent. */
    ServedBlock block(ByteBuffer from) {
        int index = (int) Message.within(from.getInt(), 0, asked.size() - 1L);
        if (asked.get(index).way() != AskedDevice.Way.BLOCK) {
            throw new IllegalArgumentException("device " + index + " is not served");
        }
        return new ServedBlock(asked.get(index), (BlockDevice) given.get(index));
    }

    @Override
    public void close() {
        nets.forEach(ServedNet::close);
        poller.close();
    }
}
