package jukvm.isolation;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.Map;
import jukvm.host.Layer;
import jukvm.text.Printable;
import org.jspecify.annotations.Nullable;

/**
 * What a worker says before its first guest.
 *
 * @param fault why it cannot be used, empty if it can
 * @param missing why layers do not hold that it can do without
 */
public record Greeting(String fault, Map<Layer, String> missing) {
    private static final int MOST_LAYERS = Layer.values().length;

    /** Writes it. */
    public void write(ByteBuffer to) {
        Message.begin(to, Message.Kind.READY);
        Message.put(to, fault, Message.LINE);
        to.putInt(missing.size());
        missing.forEach(
                (layer, why) -> {
                    Message.put(to, layer);
                    Message.put(to, why, Message.LINE);
                });
    }

    /**
     * Reads what came of one that was started.
     *
     * @param message null if it has gone
     */
    static Greeting of(@Nullable ByteBuffer message) {
        if (message == null) {
            return unusable("did not start");
        }
        try {
            Greeting said = read(message);
            String fault = said.fault;
            return fault.isEmpty()
                    ? said
                    : unusable("could not be sealed: " + Printable.of(fault, Message.LINE));
        } catch (IllegalArgumentException | BufferUnderflowException e) {
            return unusable("greeted in a way of its own");
        }
    }

    private static Greeting read(ByteBuffer from) {
        if (Message.constant(from, Message.Kind.class) != Message.Kind.READY) {
            throw new IllegalArgumentException("it is no greeting");
        }
        String fault = Message.text(from, Message.LINE);
        Map<Layer, String> missing = new EnumMap<>(Layer.class);
        for (long left = Message.within(from.getInt(), 0, MOST_LAYERS); left > 0; left--) {
            Layer layer = Message.constant(from, Layer.class);
            missing.put(layer, Printable.of(Message.text(from, Message.LINE), Message.LINE));
        }
        Message.end(from);
        return new Greeting(fault, missing);
    }

    private static Greeting unusable(String why) {
        return new Greeting(why, Map.of());
    }
}
