package jukvm.device;

/** A device as one guest has it. */
public interface AttachedDevice {
    /** Returns the name in the guest's manifest. */
    String name();

    /** Returns what the guest did with it so far. */
    DeviceCounters counters();

    /** Makes durable what was written, if there is anything; at the guest's end. */
    default void flush() {}
}
