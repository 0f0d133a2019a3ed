package jukvm.monitor;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import jukvm.abi.Dialect;
import jukvm.device.BlockDevice;
import jukvm.device.Console;
import jukvm.device.NetDevice;
import jukvm.device.WallClock;
import jukvm.image.GuestImage;

/** Runs one guest, once. */
public final class Tender implements AutoCloseable {
    /** As {@link GuestSpec}. */
    public static final long MEMORY_UNIT = GuestSpec.MEMORY_UNIT;

    /** As {@link GuestSpec}. */
    public static final long DEFAULT_MEMORY = GuestSpec.DEFAULT_MEMORY;

    private final Monitor monitor;
    private final GuestSpec spec;
    private final GuestRun run;
    private boolean begun;

    private Tender(Monitor monitor, GuestSpec spec) {
        this.monitor = monitor;
        this.spec = spec;
        this.run = monitor.request(spec, null);
    }

    /** Takes one. */
    public Snapshot snapshot(SnapshotPoint point) throws InterruptedException {
        return monitor.snapshot(spec, point);
    }

    GuestSpec spec() {
        return spec;
    }

    /** Describes. */
    public static Builder builder(Monitor monitor, GuestImage image) {
        return new Builder(monitor, GuestSpec.of(image));
    }

    /** Describes. */
    public static Builder builder(Monitor monitor, Snapshot snapshot) {
        return new Builder(monitor, GuestSpec.of(snapshot));
    }

    /** Runs. */
    public RunResult run() throws InterruptedException {
        once().begin();
        return run.await();
    }

    /** Starts. */
    public CompletableFuture<RunResult> start() {
        once().begin();
        return run.result();
    }

    GuestRun once() {
        if (begun) {
            throw new IllegalStateException("a tender runs one guest, once");
        }
        begun = true;
        return run;
    }

    /** Stops. */
    public void cancel() {
        run.cancel();
    }

    /** Pauses. */
    public void pause() {
        run.pause();
    }

    /** Resumes. */
    public void resume() {
        run.resume();
    }

    @Override
    public void close() {
        run.close();
    }

    /** Describes. */
    public static final class Builder {
        private final Monitor monitor;
        private GuestSpec spec;

        private Builder(Monitor monitor, GuestSpec spec) {
            this.monitor = monitor;
            this.spec = spec;
        }

        /** Sets. */
        public Builder memory(long bytes) {
            spec = spec.memory(bytes);
            return this;
        }

        /** Sets. */
        public Builder arguments(String... arguments) {
            spec = spec.arguments(arguments);
            return this;
        }

        /** Sets. */
        public Builder console(Console console) {
            spec = spec.console(console);
            return this;
        }

        /** Sets. */
        public Builder clock(WallClock clock) {
            spec = spec.clock(clock);
            return this;
        }

        /** Sets. */
        public Builder ring(Ring ring) {
            spec = spec.ring(ring);
            return this;
        }

        /** Sets. */
        public Builder dialect(Dialect dialect) {
            spec = spec.dialect(dialect);
            return this;
        }

        /** Sets. */
        public Builder block(String name, BlockDevice device) {
            spec = spec.block(name, device);
            return this;
        }

        /** Sets. */
        public Builder net(String name, NetDevice device) {
            spec = spec.net(name, device);
            return this;
        }

        /** Sets. */
        public Builder netRing(boolean offered) {
            spec = spec.netRing(offered);
            return this;
        }

        /** Sets. */
        public Builder notices(Consumer<String> operator) {
            spec = spec.notices(operator);
            return this;
        }

        /** Sets. */
        public Builder deadline(Duration deadline) {
            spec = spec.deadline(deadline);
            return this;
        }

        /** Sets. */
        public Builder cpuTime(Duration time) {
            spec = spec.cpuTime(time);
            return this;
        }

        /** Sets. */
        public Builder consoleBytes(long bytes) {
            spec = spec.consoleBytes(bytes);
            return this;
        }

        /** Sets. */
        public Builder hypercallsPerSecond(long calls) {
            spec = spec.hypercallsPerSecond(calls);
            return this;
        }

        /** Sets. */
        public Builder residentMemory(long bytes) {
            spec = spec.residentMemory(bytes);
            return this;
        }

        /** Sets. */
        public Builder requestedAt(long nanoTime) {
            spec = spec.requestedAt(nanoTime);
            return this;
        }

        /** Makes it. */
        public Tender build() {
            return new Tender(monitor, spec);
        }
    }
}
