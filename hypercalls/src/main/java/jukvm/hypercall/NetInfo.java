package jukvm.hypercall;

import java.nio.charset.StandardCharsets;
import jukvm.device.AttachedNet;
import jukvm.device.MacAddress;
import jukvm.memory.GuestMemory;

/**
 * NETINFO of ukvm 0.2 to hvt 0.4: tells the interface's hardware address, as six bytes, and in ukvm
 * 0.2 as text that ends with a zero byte. Source: ukvm.h, struct ukvm_netinfo.
 */
public final class NetInfo implements HypercallHandler {
    private final AttachedNet net;
    private final byte[] answer;

    private NetInfo(AttachedNet net, byte[] answer) {
        this.net = net;
        this.answer = answer;
    }

    /** Returns the handler of ukvm 0.3 and hvt 0.4. */
    public static NetInfo bytes(AttachedNet net) {
        byte[] answer = new byte[MacAddress.SIZE];
        for (int i = 0; i < answer.length; i++) {
            answer[i] = net.mac().octet(i);
        }
        return new NetInfo(net, answer);
    }

    /** Returns the handler of ukvm 0.2. */
    public static NetInfo text(AttachedNet net) {
        return new NetInfo(net, (net.mac() + "\0").getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public boolean handle(GuestMemory memory, long gpa) {
        memory.writable(gpa, answer.length).put(answer);
        return true;
    }

    @Override
    public String arguments(GuestMemory memory, long gpa) {
        return Words.device(net, 0);
    }

    @Override
    public String result(GuestMemory memory, long gpa) {
        return net.mac().toString();
    }
}
