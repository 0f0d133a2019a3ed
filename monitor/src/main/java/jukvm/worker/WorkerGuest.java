package jukvm.worker;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import jukvm.abi.PrivilegeLevel;
import jukvm.block.BlockFile;
import jukvm.call.Hypercall;
import jukvm.control.Limits;
import jukvm.device.FileDisk;
import jukvm.device.MacAddress;
import jukvm.device.TapDevice;
import jukvm.error.JukvmException;
import jukvm.guest.Counters;
import jukvm.guest.Outcome;
import jukvm.guest.PrivilegeMode;
import jukvm.guest.RunResult;
import jukvm.guest.Timeline;
import jukvm.guest.TracedCall;
import jukvm.io.Channel;
import jukvm.io.Poller;
import jukvm.isolation.AskedDevice;
import jukvm.isolation.AskedGuest;
import jukvm.isolation.Message;
import jukvm.isolation.ResultMessage;
import jukvm.monitor.GuestRun;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.net.FrameLink;
import jukvm.net.Tap;
import org.jspecify.annotations.Nullable;

/**
 * One guest of a worker, on its channel: begun as it is asked for, and told of at its end. All
 * there is of its embedder's is a message away. Thread-safe.
 */
final class WorkerGuest {
    private final Channel channel;

    // Where the vCPU's thread waits for its embedder; woken when the guest is stopped.
    private final Poller waiter = new Poller();
    private final List<AutoCloseable> opened = new ArrayList<>();
    private volatile @Nullable GuestRun run;

    // Under this: the channel is closed, though a thread that was given up may come back.
    private boolean isOver;

    WorkerGuest(Channel channel) {
        this.channel = channel;
    }

    /**
     * Starts what is asked for on the channel.
     *
     * @param whenOver called when nothing of it is left
     */
    void start(Monitor monitor, Images images, Runnable whenOver) {
        AskedGuest asked = AskedGuest.read(next(Message.Kind.START));
        try {
            GuestRun started = monitor.start(describe(asked, images));
            if (asked.isPaused()) {
                started.pause();
            }
            run = started;
            var unused = started.result().whenComplete((how, e) -> end(asked, how, e, whenOver));
        } catch (JukvmException | IllegalStateException e) {
            end(asked, null, e, whenOver);
        }
    }

    private ByteBuffer next(Message.Kind kind) {
        ByteBuffer message = channel.receiveAll();
        if (message == null || Message.constant(message, Message.Kind.class) != kind) {
            throw new IllegalStateException("there is no " + kind);
        }
        return message;
    }

    private GuestSpec describe(AskedGuest asked, Images images) {
        GuestSpec spec =
                GuestSpec.of(images.of(asked, channel::take))
                        .requestedAt(asked.requestedAt())
                        .memory(asked.memory())
                        .arguments(asked.commandLine())
                        .privilege(mode(asked.privilege()))
                        .dialect(asked.dialect())
                        .netRing(asked.netRing())
                        .console(new RemoteConsole(this))
                        .notices(this::tell);
        spec = limited(spec, asked);
        if (asked.hasOwnClock()) {
            spec = spec.clock(this::time);
        }
        if (asked.isTraced()) {
            spec = spec.trace(this::trace);
        }
        for (int i = 0; i < asked.devices(); i++) {
            spec = with(spec, i, AskedDevice.read(next(Message.Kind.DEVICE)));
        }
        return spec;
    }

    private static PrivilegeMode mode(PrivilegeLevel level) {
        return level == PrivilegeLevel.RING_0 ? PrivilegeMode.RING_0 : PrivilegeMode.RING_3;
    }

    private static GuestSpec limited(GuestSpec of, AskedGuest asked) {
        GuestSpec spec = of;
        if (asked.cpuNanos() != Limits.NONE) {
            spec = spec.cpuTime(Duration.ofNanos(asked.cpuNanos()));
        }
        if (asked.consoleBytes() != Limits.NONE) {
            spec = spec.consoleBytes(asked.consoleBytes());
        }
        if (asked.hypercalls() != Limits.NONE) {
            spec = spec.hypercallsPerSecond(asked.hypercalls());
        }
        if (asked.residentBytes() != Limits.NONE) {
            spec = spec.residentMemory(asked.residentBytes());
        }
        return spec;
    }

    private GuestSpec with(GuestSpec spec, int index, AskedDevice device) {
        String name = device.name();
        MacAddress mac = new MacAddress(device.mac());
        return switch (device.way()) {
            case FILE -> {
                boolean isReadOnly = device.isReadOnly();
                BlockFile file =
                        BlockFile.passed(
                                channel.take(), device.path(), device.capacity(), isReadOnly);
                yield spec.block(name, kept(FileDisk.of(file, device.blockSize(), isReadOnly)));
            }
            case BLOCK -> spec.block(name, new RemoteBlock(this, index, device));
            case TAP -> {
                Tap tap = Tap.passed(channel.take(), device.path(), device.mtu());
                yield spec.net(name, kept(TapDevice.of(tap, mac)));
            }
            case NET ->
                    spec.net(
                            name,
                            kept(new RemoteNet(FrameLink.of(channel.take()), mac, device.mtu())));
        };
    }

    private <T extends AutoCloseable> T kept(T device) {
        opened.add(device);
        return device;
    }

    /** Does as the embedder says. */
    void tell(Message.Kind what) {
        GuestRun running = run;
        if (running == null) {
            return;
        }
        switch (what) {
            case CANCEL -> running.cancel();
            case PAUSE -> running.pause();
            case RESUME -> running.resume();
            default -> throw new IllegalStateException("a guest is told no " + what);
        }
    }

    /** Ends what waits for the embedder, since the guest is being stopped. */
    void stopWaiting() {
        waiter.wake();
    }

    /** Writes what is sent. */
    interface Writing {
        void to(ByteBuffer at);
    }

    /**
     * Sends something, on the vCPU's thread.
     *
     * @return false if the guest is being stopped, and there was no room for it
     */
    synchronized boolean send(Message.Kind kind, Writing writing) {
        if (isOver) {
            return false;
        }
        writing.to(Message.begin(channel.begin(), kind));
        return channel.send(waiter);
    }

    /**
     * Asks for something, on the vCPU's thread.
     *
     * @return what was answered; null if the guest is being stopped
     */
    @Nullable ByteBuffer ask(Message.Kind kind, Writing writing) {
        return send(kind, writing) ? channel.receive(waiter) : null;
    }

    // From any of the guest's threads, none of which waits for this: where there is no room, the
    // embedder is slow, and the line is lost.
    private synchronized void tell(String line) {
        if (!isOver) {
            Message.put(Message.begin(channel.begin(), Message.Kind.NOTICE), line, Message.LINE);
            channel.sendNow();
        }
    }

    private long time() {
        ByteBuffer answer = ask(Message.Kind.CLOCK, at -> {});
        return answer != null
                        && Message.constant(answer, Message.Kind.class) == Message.Kind.DONE
                        && answer.remaining() == Long.BYTES
                ? answer.getLong()
                : 0;
    }

    private void trace(TracedCall call) {
        send(
                Message.Kind.TRACE,
                at -> {
                    at.putLong(call.startedAt());
                    Message.put(at, call.kind().isPresent());
                    call.kind().ifPresent(kind -> Message.put(at, (Enum<Hypercall>) kind));
                    at.putInt(call.port());
                    Message.put(at, call.arguments(), Message.LINE);
                    Message.put(at, call.result(), Message.LINE);
                    at.putLong(call.nanos());
                });
    }

    private void end(
            AskedGuest asked,
            @Nullable RunResult how,
            @Nullable Throwable thrown,
            Runnable whenOver) {
        RunResult result = how == null ? failed(asked, thrown) : how;
        synchronized (this) {
            ResultMessage.write(Message.begin(channel.begin(), Message.Kind.RESULT), result);
            channel.send();
            isOver = true;
        }
        for (AutoCloseable device : opened) {
            close(device);
        }
        whenOver.run();
        waiter.close();
        channel.close();
    }

    private static RunResult failed(AskedGuest asked, @Nullable Throwable thrown) {
        String message =
                thrown instanceof JukvmException known
                        ? String.valueOf(known.getMessage())
                        : String.valueOf(thrown);
        return new RunResult(
                new Outcome.HostError(message, 0),
                new Timeline(0, 0, 0, 0, 0, 0, 0, 0, 0),
                new Counters(0, 0, Map.of(), 0, 0, 0, Map.of()),
                asked.privilege(),
                asked.dialect(),
                RunResult.Start.NONE);
    }

    private static void close(AutoCloseable device) {
        try {
            device.close();
        } catch (Exception e) {
            throw new IllegalStateException(e); // None of ours throws.
        }
    }
}
