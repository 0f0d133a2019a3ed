package jukvm.run;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import jukvm.control.MonitorThread;
import jukvm.error.HostException;
import jukvm.host.Pollable;
import jukvm.io.DeviceWatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for the devices of all guests that are parked, with one thread, which starts with the first
 * of them. Thread-safe.
 */
public final class ParkingLot implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ParkingLot.class);

    private final Map<Long, Place> places = new ConcurrentHashMap<>();
    private @Nullable DeviceWatch watch;
    private @Nullable Thread thread;
    private long last;

    /** Where one guest is parked. */
    private record Place(List<Pollable> devices, Runnable whenReady) {}

    /**
     * Waits for a guest's devices, too.
     *
     * @param whenReady called once one of them is readable or has failed, by the thread that waits
     * @return the number of the guest's place
     * @throws HostException if the host cannot wait for them
     */
    synchronized long add(List<Pollable> devices, Runnable whenReady) {
        DeviceWatch open = open();
        long key = ++last;
        places.put(key, new Place(devices, whenReady));
        try {
            for (Pollable device : devices) {
                open.add(key, device);
            }
        } catch (RuntimeException e) {
            remove(key);
            throw e;
        }
        return key;
    }

    private DeviceWatch open() {
        DeviceWatch ready = watch;
        if (ready == null) {
            ready = DeviceWatch.open();
            thread = started(ready);
            watch = ready;
        }
        return ready;
    }

    private Thread started(DeviceWatch on) {
        Thread waits = new MonitorThread(() -> wait(on), "jukvm-parked");
        try {
            waits.start();
        } catch (OutOfMemoryError e) {
            on.close();
            throw new HostException("parked guests", "the host allows no more threads", 0, "");
        }
        return waits;
    }

    private void wait(DeviceWatch on) {
        try (on) {
            on.await(this::call);
        }
    }

    private void call(long key) {
        Place place = places.get(key);
        if (place != null) {
            place.whenReady.run();
        }
    }

    /** Waits no more for the devices of one guest; nothing if it does not. */
    synchronized void remove(long key) {
        Place place = places.remove(key);
        DeviceWatch open = watch;
        if (place != null && open != null) {
            place.devices.forEach(open::remove);
        }
    }

    /** Ends the thread; no guest is parked any more. */
    @Override
    public void close() {
        DeviceWatch open;
        Thread waits;
        synchronized (this) {
            open = watch;
            waits = thread;
            watch = null;
        }
        if (open != null && waits != null) {
            open.end();
            if (waits != Thread.currentThread()) {
                MonitorThread.awaitEnd(waits);
            }
        }
        LOG.debug("parked guests: {} in all", last);
    }
}
