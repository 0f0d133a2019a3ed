package jukvm.cli;

import jukvm.monitor.Monitor;

/** A monitor for the time of one run. */
final class MonitorLease implements AutoCloseable {
    private final Monitor monitor;
    private final boolean own;

    private MonitorLease(Monitor monitor, boolean own) {
        this.monitor = monitor;
        this.own = own;
    }

    /** Leases one that is closed with the lease, which ends when the host has everything back. */
    static MonitorLease own(Monitor monitor) {
        return new MonitorLease(monitor, true);
    }

    /** Leases one that others use, too. */
    static MonitorLease shared(Monitor monitor) {
        return new MonitorLease(monitor, false);
    }

    Monitor monitor() {
        return monitor;
    }

    @Override
    public void close() {
        if (own) {
            monitor.close();
        }
    }
}
