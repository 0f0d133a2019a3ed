package jukvm.abi;

import jukvm.device.Devices;
import jukvm.hypercall.Hypercall;
import jukvm.hypercall.HypercallTable;
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
        public void writeBootInfo(GuestMemory memory, BootInfo info) {
            info.writeUkvm(memory);
        }

        @Override
        public HypercallTable hypercalls(Devices devices) {
            return new HypercallTable(0x499, new Puts(devices.console()))
                    .with(0x509, Hypercall.POLL, Poll.ukvm(devices.poller()));
        }
    },

    /** hvt ABI 2, Solo5 0.8.0 and later. Source: Solo5 0.12.1 include/hvt_abi.h. */
    HVT_2("hvt 2", Generation.MARKED, 8191) {
        @Override
        public void writeBootInfo(GuestMemory memory, BootInfo info) {
            info.writeHvt(memory);
        }

        @Override
        public HypercallTable hypercalls(Devices devices) {
            return new HypercallTable(0x502, new Puts(devices.console()))
                    .with(0x501, Hypercall.WALLTIME, new WallTime(devices.clock()))
                    .with(0x503, Hypercall.POLL, Poll.hvt(devices.poller()))
                    .withHalt(0x508);
        }
    };

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

    /** Writes what the guest is told at its start. */
    public abstract void writeBootInfo(GuestMemory memory, BootInfo info);

    /** Returns a new table of the dialect's hypercalls for one guest. */
    public abstract HypercallTable hypercalls(Devices devices);

    /** Returns the longest command line, in bytes without the zero that ends it. */
    public int maxCommandLine() {
        return maxCommandLine;
    }

    /** Returns the largest guest, in bytes. */
    public long maxMemory() {
        return generation == Generation.MARKED ? GuestMemory.MAX_SIZE : GIB;
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

    /** Returns whether the guest ends by executing HLT, with status 0. */
    public boolean endsByHlt() {
        return this == UKVM_0_2;
    }

    /** Returns the name users know it by, as in {@code hvt 2}. */
    @Override
    public String toString() {
        return title;
    }
}
