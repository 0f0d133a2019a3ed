package jukvm.device;

/**
 * What a network wants its guest to be in IPv4, as it would say by DHCP; for guests that must be
 * told on their command line.
 *
 * @param address of the guest, with the length of its network's prefix, such as {@code
 *     10.0.2.15/24}
 * @param gateway its way out, such as {@code 10.0.2.2}; empty if there is none
 * @param nameServer whom it asks for names, such as {@code 10.0.2.3}; empty if there is none
 */
public record Ipv4Settings(String address, String gateway, String nameServer) {}
