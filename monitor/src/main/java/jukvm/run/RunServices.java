package jukvm.run;

import jukvm.control.Admission;
import jukvm.control.BackgroundTasks;
import jukvm.control.Time;
import jukvm.control.VcpuScheduler;
import jukvm.telemetry.MetricsCollector;
import jukvm.vm.GuestHost;
import jukvm.vm.Templates;
import jukvm.vm.VmPool;

/**
 * What all runs of a monitor share; each part is thread-safe.
 *
 * @param host that runs them
 * @param pool of VMs
 * @param templates that guests begin with
 * @param scheduler says which vCPUs run
 * @param time of their limits
 * @param background where is done what may take long
 * @param entrance lets guests begin
 * @param lot where guests are parked
 * @param metrics of all guests
 */
public record RunServices(
        GuestHost host,
        VmPool pool,
        Templates templates,
        VcpuScheduler scheduler,
        Time time,
        BackgroundTasks background,
        Admission<RunSession> entrance,
        ParkingLot lot,
        MetricsCollector metrics) {}
