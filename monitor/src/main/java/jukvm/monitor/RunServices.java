package jukvm.monitor;

/**
 * What all runs of a monitor share. Thread-safe, each of them.
 *
 * @param host that runs them
 * @param pool of VMs
 * @param templates that guests begin with
 * @param scheduler says which vCPUs run
 * @param time of their limits
 * @param aside where is done what may take long
 * @param metrics of all guests
 */
record RunServices(
        GuestHost host,
        VmPool pool,
        Templates templates,
        VcpuScheduler scheduler,
        Time time,
        Aside aside,
        MetricsCollector metrics) {}
