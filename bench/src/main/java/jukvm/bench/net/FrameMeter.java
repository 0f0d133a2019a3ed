package jukvm.bench.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import jukvm.device.NetDevice;
import jukvm.image.GuestImage;
import jukvm.monitor.Monitor;

/** Measures frames by the guest net-throughput: each has the MTU, and a header. */
final class FrameMeter {
    private static final double MICROS = TimeUnit.SECONDS.toMicros(1);
    private static final int HEADER = 14;
    private static final int TYPE = 12;
    private static final short EXPERIMENTAL = (short) 0x88b5;
    private static final long PAUSE_NANOS = 20_000;

    private final Monitor monitor;
    private final GuestImage image;

    FrameMeter(Monitor monitor, GuestImage image) {
        this.monitor = monitor;
        this.image = image;
    }

    /** Returns how many frames a second the guest's device takes; the other end reads them. */
    double out(Link link, NetMode mode, long count) throws IOException, InterruptedException {
        int size = link.device().mtu() + HEADER;
        String bytes = Long.toString(count * size);
        Optional<Thread> reader = link.far().map(far -> reader(far, size));
        try (Guest guest =
                new Guest(
                        monitor,
                        image,
                        link.device(),
                        mode,
                        "send",
                        bytes,
                        Integer.toString(size))) {
            Guest.Frames frames = guest.frames();
            return frames.taken() * MICROS / frames.micros();
        } finally {
            reader.ifPresent(FrameMeter::end);
        }
    }

    private static Thread reader(NetDevice far, int size) {
        Thread reader =
                new Thread(
                        () -> {
                            ByteBuffer room = ByteBuffer.allocateDirect(size);
                            try {
                                while (!Thread.currentThread().isInterrupted()) {
                                    if (!far.read(room.clear())) {
                                        LockSupport.parkNanos(PAUSE_NANOS);
                                    }
                                }
                            } catch (IOException e) {
                                // The other end is gone: nothing comes any more.
                            }
                        },
                        "frames");
        reader.start();
        return reader;
    }

    // It uses what is closed next.
    private static void end(Thread reader) {
        boolean interrupted = Thread.interrupted();
        reader.interrupt();
        while (reader.isAlive()) {
            try {
                reader.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns how many frames a second the guest reads while they are sent as fast as they go. */
    double in(Link link, NetMode mode, long count) throws IOException, InterruptedException {
        int size = link.device().mtu() + HEADER;
        NetDevice far = link.far().orElseThrow();
        ByteBuffer frame = ByteBuffer.allocateDirect(size);
        for (int i = 0; i < TYPE; i++) {
            frame.put(i, (byte) (i < TYPE / 2 ? 0xff : 2)); // To all, from one of no maker.
        }
        frame.putShort(TYPE, EXPERIMENTAL);
        String limit = "limit=" + count * size;
        try (Guest guest = new Guest(monitor, image, link.device(), mode, "receive", limit)) {
            while (guest.runs() && !Thread.currentThread().isInterrupted()) {
                if (!far.write(frame.clear())) {
                    LockSupport.parkNanos(1); // It is full, so the guest has work.
                }
            }
            Guest.Frames frames = guest.frames();
            return frames.read() * MICROS / frames.micros();
        }
    }
}
