package jukvm.sandbox;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import jukvm.host.Layer;
import org.jspecify.annotations.Nullable;

/**
 * A process as it was sealed: how far that went. Thread-safe.
 *
 * @see Sandbox
 */
public final class Seal {
    private final Set<Layer> reached = EnumSet.noneOf(Layer.class);
    private final Map<Layer, String> missing = new EnumMap<>(Layer.class);
    private final @Nullable RefusalLog log;

    Seal(@Nullable RefusalLog log) {
        this.log = log;
    }

    void add(Layer layer, String failure) {
        if (failure.isEmpty()) {
            reached.add(layer);
        } else {
            missing.put(layer, failure);
        }
    }

    /** Returns the layers that hold, in the order of {@link Layer}. */
    public Set<Layer> reached() {
        return EnumSet.copyOf(reached);
    }

    /** Returns why each of the others does not, as the host says it; none that was not tried. */
    public Map<Layer, String> missing() {
        return new EnumMap<>(missing);
    }

    /**
     * Returns the calls that would have been refused since this was asked last, if they were to be
     * logged: how often each, by the kernel's name of it.
     */
    public Map<String, Integer> wouldRefuse() {
        return log == null ? new TreeMap<>() : log.take();
    }
}
