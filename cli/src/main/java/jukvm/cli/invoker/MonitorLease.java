package jukvm.cli.invoker;

import jukvm.monitor.Monitor;

/** A monitor for the time of one run. */
public final class MonitorLease implements AutoCloseable {
    private final Monitor monitor;
    private final boolean own;

    private MonitorLease(Monitor monitor, boolean own) {
        this.monitor = monitor;
        this.own = own;
    }

    /** Leases one that is closed with the lease, which ends when the host has everything back. */
    public static MonitorLease own(Monitor monitor) {
        return new MonitorLease(monitor, true);
    }

    /** Leases one that others use, too. */
    public static MonitorLease shared(Monitor monitor) {
        return new MonitorLease(monitor, false);
    }

    /** Returns the monitor, which is open until this is closed. */
    public Monitor monitor() {
        return monitor;
    }

    @Override
    public void close() {
        if (own) {
            monitor.close();
        }
    }
}
