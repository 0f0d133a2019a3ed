package jukvm.bench.net;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import jukvm.bench.load.Bootstrap;
import jukvm.bench.report.Say;

/**
 * What is known of one way with one MTU so far. Used by one thread.
 *
 * @param path name for people
 * @param mtu in bytes
 */
record NetRow(String path, int mtu, Map<Figure, List<Double>> rounds) {
    /** What is measured, a figure a round. */
    enum Figure {
        /** Frames a second that the guest sends and its device takes. */
        OUT("out, frames/s"),
        /** Frames a second that the guest reads while they are sent as fast as they go. */
        IN("in, frames/s"),
        /** Million bytes a second to the guest by one connection. */
        UP("up, MB/s"),
        /** Million bytes a second from it. */
        DOWN("down, MB/s"),
        /** How long a small page takes by an open connection, in µs. */
        ROUND_TRIP("round trip, µs");

        private final String head;

        Figure(String head) {
            this.head = head;
        }
    }

    /** Makes one of which nothing is known. */
    NetRow(String path, int mtu) {
        this(path, mtu, new EnumMap<>(Figure.class));
    }

    /** Returns what no other row is called. */
    String name() {
        return path + ", MTU " + mtu;
    }

    /** Adds what a round showed. */
    void add(Figure figure, double value) {
        rounds.computeIfAbsent(figure, any -> new ArrayList<>()).add(value);
    }

    /** Returns the heads of the columns. */
    static List<String> heads() {
        List<String> heads = new ArrayList<>(List.of("between guest and host", "MTU"));
        for (Figure figure : Figure.values()) {
            heads.add(figure.head);
        }
        return heads;
    }

    /** Returns the cells of the row: medians of the rounds. */
    List<String> cells() {
        List<String> cells = new ArrayList<>(List.of(path, Integer.toString(mtu)));
        for (Figure figure : Figure.values()) {
            List<Double> values = rounds.getOrDefault(figure, List.of());
            cells.add(values.isEmpty() ? "-" : Say.number(Bootstrap.median(values)));
        }
        return cells;
    }
}
