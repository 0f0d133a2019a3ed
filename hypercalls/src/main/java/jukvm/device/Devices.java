package jukvm.device;

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
    private final @Nullable AttachedBlock[] blocks = new @Nullable AttachedBlock[MAX_HANDLES];
    private final @Nullable AttachedNet[] nets = new @Nullable AttachedNet[MAX_HANDLES];
    private final Optional<NetRing> ring;

    /**
     * Makes the devices of a guest.
     *
     * @param console where its output goes
     * @param clock the wall clock it is told
     * @param poller where its poll waits
     * @param blocks its block devices, by handle from 0 to 63
     * @param nets its network devices, by handle from 0 to 63
     */
    public Devices(
            Console console,
            WallClock clock,
            Poller poller,
            Map<Integer, AttachedBlock> blocks,
            Map<Integer, AttachedNet> nets) {
        this(console, clock, poller, Optional.empty());
        blocks.forEach((handle, block) -> this.blocks[handle] = block);
        nets.forEach((handle, net) -> this.nets[handle] = net);
    }

    private Devices(Console console, WallClock clock, Poller poller, Optional<NetRing> ring) {
        this.console = console;
        this.clock = clock;
        this.poller = poller;
        this.ring = ring;
    }

    /** Makes the devices of a guest without block and network devices. */
    public static Devices basic(Console console, WallClock clock, Poller poller) {
        return new Devices(console, clock, poller, Map.of(), Map.of());
    }

    /** Returns the same devices with a network ring. */
    public Devices withRing(NetRing offered) {
        Devices devices = new Devices(console, clock, poller, Optional.of(offered));
        System.arraycopy(blocks, 0, devices.blocks, 0, MAX_HANDLES);
        System.arraycopy(nets, 0, devices.nets, 0, MAX_HANDLES);
        return devices;
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
    public Poller poller() {
        return poller;
    }

    /**
     * Returns the block device of a handle, null if it is none's.
     *
     * @param handle of which the low 32 bits count, as in solo5-hvt; hostile
     */
    public @Nullable AttachedBlock block(long handle) {
        int index = (int) handle;
        return index >= 0 && index < MAX_HANDLES ? blocks[index] : null;
    }

    /**
     * Returns the network device of a handle, null if it is none's.
     *
     * @param handle of which the low 32 bits count, as in solo5-hvt; hostile
     */
    public @Nullable AttachedNet net(long handle) {
        int index = (int) handle;
        return index >= 0 && index < MAX_HANDLES ? nets[index] : null;
    }

    /** Returns the network ring, if the guest is offered one. */
    public Optional<NetRing> ring() {
        return ring;
    }

    /** Returns the block devices by handle. */
    public Map<Integer, AttachedBlock> blocks() {
        return present(blocks);
    }

    /** Returns the network devices by handle. */
    public Map<Integer, AttachedNet> nets() {
        return present(nets);
    }

    private static <T> Map<Integer, T> present(@Nullable T[] devices) {
        Map<Integer, T> present = new TreeMap<>();
        for (int handle = 0; handle < devices.length; handle++) {
            T device = devices[handle];
            if (device != null) {
                present.put(handle, device);
            }
        }
        return present;
    }
}
