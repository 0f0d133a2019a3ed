package jukvm.device;

import java.util.concurrent.CompletableFuture;

/**
 * A request to a guest that is under way. Its futures are cancelled when the port is closed.
 *
 * @param localPort the UDP port it is sent from, no other's meanwhile
 * @param address whom it is for
 * @param port whom it is for
 * @param mac completed by what the guest says to be its hardware address
 * @param answer completed by the data of the first answer
 */
record UdpExchange(
        int localPort,
        int address,
        int port,
        CompletableFuture<MacAddress> mac,
        CompletableFuture<byte[]> answer) {
    UdpExchange(int localPort, int address, int port) {
        this(localPort, address, port, new CompletableFuture<>(), new CompletableFuture<>());
    }

    void cancel() {
        mac.cancel(false);
        answer.cancel(false);
    }
}
