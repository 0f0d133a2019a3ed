package jukvm.abi;

import java.util.Arrays;
import java.util.Optional;
import jukvm.call.Hypercall;
import jukvm.device.Devices;
import jukvm.device.NetRing;
import jukvm.hypercall.GuestHypercalls;
import jukvm.hypercall.HypercallFacts;
import jukvm.hypercall.HypercallTable;
import jukvm.hypercall.NetRingKick;
import jukvm.hypercall.Poll;
import jukvm.hypercall.Puts;
import jukvm.hypercall.WallTime;
import jukvm.memory.GuestMemory;

/**
 * A generation of the guest contract: data, and the handlers that speak it. Adding one touches
 * neither the loader's checks nor the vCPU loop.
 */
public enum Dialect {
    /** ukvm 0.2.0 to 0.2.2, the monitor of 2016 and 2017. Source: ukvm 0.2 ukvm/ukvm.h. */
    UKVM_0_2("ukvm 0.2", Generation.UNMARKED, BootInfo.MAX_COMMAND_LINE) {
        @Override
        HypercallTable table(Devices devices, HypercallFacts facts) {
            return new HypercallTable(facts)
                    .withPuts(Dialect.UKVM_0_2_PUTS)
                    .with(0x509, Hypercall.POLL, Poll.ukvm(devices));
        }
    },

    /**
     * ukvm 0.3.0 to 0.3.1 and hvt 0.4.0 to 0.4.1, which differ in name only. Source: ukvm 0.3
     * ukvm/ukvm_guest.h.
     */
    UKVM_0_3("ukvm 0.3", Generation.UNMARKED, Dialect.HVT_COMMAND_LINE) {
        @Override
        HypercallTable table(Devices devices, HypercallFacts facts) {
            return new HypercallTable(facts)
                    .withPuts(0x502)
                    .with(0x501, Hypercall.WALLTIME, new WallTime(devices.clock()))
                    .with(0x503, Hypercall.POLL, Poll.ukvm(devices))
                    .withHalt(0x50a);
        }
    },

    /** One of the two above, which nothing in the image tells apart; the first call does. */
    UKVM("ukvm 0.2 or 0.3", Generation.UNMARKED, Dialect.HVT_COMMAND_LINE) {
        @Override
        GuestHypercalls calls(Devices devices, HypercallFacts facts) {
            return new FirstCallDecides(
                    UKVM_0_2.calls(devices, facts), UKVM_0_3.calls(devices, facts), facts);
        }
    },

    /** hvt ABI 1, Solo5 0.6.0 to 0.7.5. Source: Solo5 0.7.5 include/hvt_abi.h. */
    HVT_1("hvt 1", Generation.MARKED, Dialect.HVT_COMMAND_LINE) {
        @Override
        public long maxMemory() {
            return GIB;
        }
    },

    /** hvt ABI 2, Solo5 0.8.0 and later. Source: Solo5 0.12.1 include/hvt_abi.h. */
    HVT_2("hvt 2", Generation.MARKED, Dialect.HVT_COMMAND_LINE);

    private static final int UKVM_0_2_PUTS = 0x499;
    private static final int HVT_COMMAND_LINE = 8191;
    private static final long GIB = 1L << 30;

    /** What guests before and after the ABI note of Solo5 0.6 expect of their surroundings. */
    private enum Generation {
        UNMARKED,
        MARKED
    }

    private final String title;
    private final Generation generation;
    private final int maxCommandLine;

    Dialect(String title, Generation generation, int maxCommandLine) {
        this.title = title;
        this.generation = generation;
        this.maxCommandLine = maxCommandLine;
    }

    /**
     * Returns the dialect of a name, as in {@code hvt 2} or {@code ukvm-0.3}; empty if no dialect
     * has it.
     */
    public static Optional<Dialect> named(String name) {
        return Arrays.stream(values())
                .filter(dialect -> dialect.title.equals(name.replace('-', ' ')))
                .findFirst();
    }

    /** Returns the dialect of a version of the hvt ABI; empty if there is none. */
    public static Optional<Dialect> ofHvtVersion(int version) {
        return switch (version) {
            case 1 -> Optional.of(HVT_1);
            case 2 -> Optional.of(HVT_2);
            default -> Optional.empty();
        };
    }

    /** Returns new hypercalls of the dialect for one guest. */
    @SuppressWarnings("exports") // For the modules of the library.
    public GuestHypercalls hypercalls(Devices devices) {
        return calls(devices, new HypercallFacts(new Puts(devices.console(), devices.poller())));
    }

    GuestHypercalls calls(Devices devices, HypercallFacts facts) {
        HypercallTable table = table(devices, facts);
        if (!devices.isEmpty()) {
            for (DeviceType type : DeviceType.among(devices)) {
                type.kind().addCalls(table, this, devices);
            }
        }
        return table;
    }

    /**
     * Returns the hypercalls of a guest without devices. The two versions of hvt differ in what a
     * loader does with an empty segment, and in no call.
     */
    HypercallTable table(Devices devices, HypercallFacts facts) {
        HypercallTable table =
                new HypercallTable(facts)
                        .withPuts(0x502)
                        .with(0x501, Hypercall.WALLTIME, new WallTime(devices.clock()))
                        .with(0x503, Hypercall.POLL, Poll.hvt(devices))
                        .withHalt(0x508);
        devices.ring()
                .ifPresent(
                        ring ->
                                table.with(
                                        NetRing.KICK_PORT,
                                        Hypercall.RING_KICK,
                                        new NetRingKick(ring)));
        return table;
    }

    /**
     * Returns the dialect that a guest of this one speaks: itself, unless the first call decides. A
     * guest of ukvm 0.2 begins by printing, at a port that 0.3 does not have; what begins with any
     * other is of 0.3.
     *
     * @param firstPort of {@link HypercallFacts#firstPort}
     */
    public Dialect spokenBy(int firstPort) {
        if (this != UKVM || firstPort < 0) {
            return this;
        }
        return firstPort == UKVM_0_2_PUTS ? UKVM_0_2 : UKVM_0_3;
    }

    /**
     * Returns whether a guest ends by executing HLT, with status 0. Only those of ukvm 0.2 do; so
     * what executes it without a call before is one.
     */
    public boolean endsByHlt() {
        return this == UKVM_0_2 || this == UKVM;
    }

    /** Writes what the guest is told at its start. */
    @SuppressWarnings("exports") // For the modules of the library.
    public void writeBootInfo(GuestMemory memory, BootInfo info) {
        switch (generation) {
            case UNMARKED -> info.writeUkvm(memory);
            case MARKED -> info.writeHvt(memory);
        }
    }

    /** Returns the longest command line, in bytes without the zero that ends it. */
    public int maxCommandLine() {
        return maxCommandLine;
    }

    /** Returns the largest guest, in bytes. */
    public long maxMemory() {
        return generation == Generation.MARKED ? GuestMemory.MAX_SIZE : GIB;
    }

    /** Returns whether guests may know the network ring; those before Solo5 0.11 look past it. */
    public boolean mayUseRing() {
        return this == HVT_2;
    }

    /** Returns whether images carry an ABI note and a manifest. */
    public boolean isMarked() {
        return generation == Generation.MARKED;
    }

    /**
     * Returns whether the guest may read and write the memory below its image, page zero included,
     * as guests before Solo5 0.6 could. The monitor's own tables are never among it at ring 3.
     */
    public boolean ownsLowMemory() {
        return generation == Generation.UNMARKED;
    }

    /** Returns the name users know it by, as in {@code hvt 2}. */
    @Override
    public String toString() {
        return title;
    }
}
