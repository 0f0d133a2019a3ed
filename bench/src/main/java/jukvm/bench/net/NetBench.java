package jukvm.bench.net;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import jukvm.bench.BenchFiles;
import jukvm.bench.Progress;
import jukvm.bench.net.NetRow.Figure;
import jukvm.error.JukvmException;
import jukvm.image.GuestImage;
import jukvm.monitor.Monitor;

/**
 * Measures every way between a guest and the host, in turns, in the calling thread's network
 * namespace.
 */
final class NetBench {
    private static final int LOOPBACK_MTU = 65536;
    private static final double MEGA = 1e6;

    // The first of a kind is short; what it shows tells how much the others are to be.
    private static final long FIRST_FRAMES = 1000;
    private static final long MOST_FRAMES = 5_000_000;
    private static final long FIRST_BYTES = 1 << 20;
    private static final long MOST_BYTES = 10_000_000_000L;

    private final Path folder;
    private final Plan plan;
    private final Progress progress;
    private final Monitor monitor;
    private final FrameMeter frames;
    private final GuestImage http;
    private final NetRow sockets = new NetRow("sockets of the host", LOOPBACK_MTU);
    private final List<Turn> turns = new ArrayList<>();
    private final Map<String, Double> rates = new HashMap<>();
    private final Map<String, String> missing = new TreeMap<>();

    /**
     * How much is measured.
     *
     * @param mtus of the ways
     * @param rounds of all of them
     * @param seconds that a figure takes in a round, about
     */
    record Plan(List<Integer> mtus, int rounds, double seconds) {}

    /** A way that is measured, and what is known of it so far. */
    private record Turn(NetPath path, int mtu, NetMode mode, NetRow row) {
        Turn(NetPath path, int mtu, NetMode mode) {
            this(path, mtu, mode, new NetRow(path.title() + mode.title(), mtu));
        }
    }

    /** What has a rate a second if so much of it is done. */
    @FunctionalInterface
    private interface Work {
        double rate(long count) throws IOException, InterruptedException;
    }

    /**
     * Makes one.
     *
     * @param folder for sockets
     */
    NetBench(BenchFiles files, Monitor monitor, Path folder, Plan plan, Progress progress) {
        this.folder = folder;
        this.plan = plan;
        this.progress = progress;
        this.monitor = monitor;
        this.frames = new FrameMeter(monitor, GuestImage.read(files.frames()));
        this.http = GuestImage.read(files.http());
        for (int mtu : plan.mtus()) {
            for (NetPath path : NetPath.values()) {
                if (path != NetPath.BRIDGE && path.takes(mtu)) {
                    turns.add(new Turn(path, mtu, NetMode.CALLS));
                    turns.add(new Turn(path, mtu, NetMode.RING));
                }
                if (path != NetPath.BRIDGE && path != NetPath.QEMU && mtu == plan.mtus().get(0)) {
                    turns.add(new Turn(path, mtu, NetMode.RECORDED));
                }
            }
        }
    }

    /** Measures each way; what cannot be measured once is not tried again. */
    void measure() throws InterruptedException {
        NetPath.makeHost();
        for (int round = 1; round <= plan.rounds(); round++) {
            String of = ", round " + round + " of " + plan.rounds();
            progress.say("sockets of the host" + of);
            attempt(sockets, this::sockets);
            for (Turn turn : turns) {
                progress.say(turn.row().name() + of);
                attempt(turn.row(), () -> measure(turn));
            }
        }
    }

    /** A measurement of one way. */
    private interface Attempt {
        void run() throws IOException, InterruptedException;
    }

    private void attempt(NetRow row, Attempt attempt) throws InterruptedException {
        String name = row.name();
        if (missing.containsKey(name)) {
            return;
        }
        try {
            attempt.run();
        } catch (IOException | JukvmException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException(); // Which closes what it waits for.
            }
            missing.put(name, String.valueOf(e.getMessage()));
        }
    }

    private void sockets() throws IOException, InterruptedException {
        try (PlainServer server = PlainServer.start()) {
            http(sockets, new HttpMeter(server.address()));
        }
    }

    private void measure(Turn turn) throws IOException, InterruptedException {
        NetRow row = turn.row();
        NetMode mode = turn.mode();
        row.add(
                Figure.OUT,
                rate(
                        row.name() + " out",
                        FIRST_FRAMES,
                        MOST_FRAMES,
                        count -> {
                            try (Link link = turn.path().open(folder, turn.mtu())) {
                                return frames.out(link, mode, count);
                            }
                        }));
        NetPath written = turn.path() == NetPath.TAP ? NetPath.BRIDGE : turn.path();
        if (written.isWritten()) {
            row.add(
                    Figure.IN,
                    rate(
                            row.name() + " in",
                            FIRST_FRAMES,
                            MOST_FRAMES,
                            count -> {
                                try (Link link = written.open(folder, turn.mtu())) {
                                    return frames.in(link, mode, count);
                                }
                            }));
        }
        try (Link link = turn.path().open(folder, turn.mtu())) {
            if (link.server().isPresent()) {
                String address = "--ipv4=" + link.address();
                try (Guest guest = new Guest(monitor, http, link.device(), mode, address)) {
                    guest.await("serves HTTP");
                    http(row, new HttpMeter(link.server().get()));
                }
            }
        }
    }

    private void http(NetRow row, HttpMeter meter) throws IOException, InterruptedException {
        String of = row.name();
        row.add(Figure.UP, megabytes(of + " up", count -> count / meter.up(count)));
        row.add(Figure.DOWN, megabytes(of + " down", count -> count / meter.down(count)));
        row.add(Figure.ROUND_TRIP, meter.roundTrip(plan.seconds()));
    }

    private double megabytes(String name, Work work) throws IOException, InterruptedException {
        return rate(name, FIRST_BYTES, MOST_BYTES, work) / MEGA;
    }

    private double rate(String name, long first, long most, Work work)
            throws IOException, InterruptedException {
        Double known = rates.get(name);
        double expected = known == null ? work.rate(first) : known;
        double rate =
                work.rate(Math.max(first, Math.min(most, (long) (expected * plan.seconds()))));
        rates.put(name, rate);
        return rate;
    }

    /** Returns the rows so far, plain sockets first. */
    List<NetRow> rows() {
        List<NetRow> rows = new ArrayList<>(List.of(sockets));
        turns.forEach(turn -> rows.add(turn.row()));
        return rows;
    }

    /** Returns what could not be measured, by its name, and why. */
    Map<String, String> missing() {
        return missing;
    }
}
