package jukvm.bench.idle;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import jukvm.bench.load.Samples;
import jukvm.device.UdpPort;
import jukvm.device.VirtualSwitch;
import jukvm.error.HostException;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestRun;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;

/** Guests that each wait for a datagram on a network of their own, and send it back. */
final class IdleGuests implements AutoCloseable {
    private static final long MEMORY = 16L << 20;
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int ECHO = 7;

    private final GuestSpec guest;
    private final Monitor monitor = Monitor.open();
    private final List<VirtualSwitch> networks = new ArrayList<>();
    private final List<GuestRun> runs = new ArrayList<>();

    IdleGuests(GuestImage image) {
        this.guest = GuestSpec.of(image).memory(MEMORY).netRing(false).arguments("10.0.0.2/24");
    }

    /**
     * Starts some.
     *
     * @param count how many
     * @param booting how many may be about to be up at once
     * @throws HostException if they do not come up
     */
    void start(int count, int booting) throws InterruptedException {
        Semaphore room = new Semaphore(booting);
        for (int i = 0; i < count; i++) {
            acquire(room, 1);
            VirtualSwitch network = VirtualSwitch.open();
            networks.add(network);
            runs.add(
                    monitor.start(
                            guest.net("service0", network.connect())
                                    .console(new FirstBytes(room::release))));
        }
        acquire(room, booting);
    }

    private void acquire(Semaphore room, int permits) throws InterruptedException {
        if (!room.tryAcquire(permits, LIMIT.toNanos(), TimeUnit.NANOSECONDS)) {
            throw new HostException("guests", "do not come up: " + firstEnd(), 0, "");
        }
    }

    private String firstEnd() {
        return runs.stream()
                .filter(run -> run.result().isDone())
                .findFirst()
                .map(
                        run ->
                                run.result()
                                        .handle(
                                                (result, e) ->
                                                        "" + (e == null ? result.outcome() : e))
                                        .join())
                .orElse("none has ended");
    }

    /** Asks each once, one after the other; returns how long each took to answer. */
    Samples ask() throws InterruptedException {
        Samples times = new Samples();
        for (int i = 0; i < networks.size(); i++) {
            byte[] asked = {(byte) i, (byte) (i >> 8), 42};
            try (UdpPort port = networks.get(i).udp("10.0.0.1")) {
                long start = System.nanoTime();
                byte[] answer = port.ask("10.0.0.2", ECHO, asked, LIMIT);
                times.add(System.nanoTime() - start);
                if (!Arrays.equals(asked, answer)) {
                    throw new HostException("guest " + i, "another answer", 0, "");
                }
            } catch (IOException e) {
                throw new HostException("guest " + i, "no answer: " + e.getMessage(), 0, "");
            }
        }
        return times;
    }

    /** Ends all. */
    @Override
    public void close() {
        monitor.close();
        networks.forEach(VirtualSwitch::close);
    }
}
