package jukvm.device;

import java.util.Arrays;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Which port of a switch leads to which address; immutable, so that a frame finds its way without a
 * lock. Every port is in it by its own address, and by those learned from what it sent.
 */
final class AddressTable {
    static final AddressTable EMPTY = new AddressTable(new long[0], new SwitchPort[0]);

    private final long[] addresses; // Sorted.
    private final SwitchPort[] ports; // ports[i] leads to addresses[i].

    private AddressTable(long[] addresses, SwitchPort[] ports) {
        this.addresses = addresses;
        this.ports = ports;
    }

    int size() {
        return addresses.length;
    }

    /** Returns the port that leads to address {@code i} of {@link #size}. */
    SwitchPort port(int i) {
        return ports[i];
    }

    /** Returns whether address {@code i} of {@link #size} is its port's own, not a learned one. */
    boolean isOwn(int i) {
        return ports[i].address() == addresses[i];
    }

    /** Returns the port that leads to an address, or null. */
    @Nullable SwitchPort find(long address) {
        int i = Arrays.binarySearch(addresses, address);
        return i < 0 ? null : ports[i];
    }

    /** Returns a table in which an address leads to a port. */
    AddressTable with(long address, SwitchPort port) {
        AddressTable others = without(address);
        int at = -1 - Arrays.binarySearch(others.addresses, address);
        int size = others.size();
        long[] newAddresses = Arrays.copyOf(others.addresses, size + 1);
        SwitchPort[] newPorts = Arrays.copyOf(others.ports, size + 1);
        System.arraycopy(newAddresses, at, newAddresses, at + 1, size - at);
        System.arraycopy(newPorts, at, newPorts, at + 1, size - at);
        newAddresses[at] = address;
        newPorts[at] = port;
        return new AddressTable(newAddresses, newPorts);
    }

    /** Returns a table in which an address leads nowhere. */
    AddressTable without(long address) {
        return keep(i -> addresses[i] != address);
    }

    /** Returns a table in which no address leads to a port. */
    AddressTable without(SwitchPort port) {
        return keep(i -> ports[i] != port);
    }

    private AddressTable keep(IntPredicate kept) {
        int[] places = IntStream.range(0, size()).filter(kept).toArray();
        return new AddressTable(
                IntStream.of(places).mapToLong(i -> addresses[i]).toArray(),
                IntStream.of(places).mapToObj(i -> ports[i]).toArray(SwitchPort[]::new));
    }
}
