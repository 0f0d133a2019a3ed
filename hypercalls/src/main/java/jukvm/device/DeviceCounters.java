package jukvm.device;

import java.util.Map;

/** What guests did with one device, or with several of a kind together. Immutable. */
public interface DeviceCounters {
    /**
     * Returns the sum of both.
     *
     * @throws ClassCastException if the other is of another kind
     */
    DeviceCounters plus(DeviceCounters other);

    /** Returns the rows of a report by their names, in order: each a Long or a Boolean. */
    Map<String, Object> rows();

    /** Returns whether something that a guest wrote may be lost. */
    default boolean isLost() {
        return false;
    }
}
