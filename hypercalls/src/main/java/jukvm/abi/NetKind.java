package jukvm.abi;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import jukvm.call.Hypercall;
import jukvm.device.AttachedNet;
import jukvm.device.DeviceCounters;
import jukvm.device.Devices;
import jukvm.device.MacAddress;
import jukvm.device.NetDevice;
import jukvm.device.Notices;
import jukvm.host.Pollable;
import jukvm.hypercall.HypercallTable;
import jukvm.hypercall.NetInfo;
import jukvm.hypercall.NetTransfer;
import jukvm.io.Poller;

/**
 * Network devices. Source: mft_abi.h, struct mft_net_basic; hvt_abi.h; ukvm.h.
 *
 * <pre>
 * properties in a manifest's entry   hardware address u8[6] @72, MTU u16 @78
 * </pre>
 */
final class NetKind extends DeviceKind<NetDevice, AttachedNet> {
    static final int MAC = 72;
    static final int MTU = 78;

    NetKind() {
        super(NetDevice.class, AttachedNet.class);
    }

    @Override
    public String plural() {
        return "nets";
    }

    @Override
    public String call(String name) {
        return "GuestSpec.net(\"" + name + "\", ...)";
    }

    @Override
    public DeviceCounters none() {
        return AttachedNet.Counters.NONE;
    }

    @Override
    AttachedNet attachGiven(String name, NetDevice device, Notices notices, Poller stop) {
        return new AttachedNet(name, device, notices);
    }

    @Override
    void encodeAttached(ByteBuffer entry, AttachedNet net) {
        for (int i = 0; i < MacAddress.SIZE; i++) {
            entry.put(MAC + i, net.mac().octet(i));
        }
        entry.putShort(MTU, (short) net.mtu());
    }

    /** Returns the hardware address in an entry of a manifest. */
    static MacAddress mac(ByteBuffer manifest, int entry) {
        long bits = 0;
        for (int i = 0; i < MacAddress.SIZE; i++) {
            bits = bits << Byte.SIZE | manifest.get(entry + MAC + i) & 0xff;
        }
        return new MacAddress(bits);
    }

    @Override
    NetDevice recall(ByteBuffer entry) {
        return new RecalledNet(mac(entry, 0), entry.getShort(MTU) & 0xffff);
    }

    /** An interface that is never used: what came by it is known already. */
    private record RecalledNet(MacAddress mac, int mtu) implements NetDevice {
        @Override
        public Pollable readiness() {
            throw new IllegalStateException(DeviceKind.UNUSABLE);
        }

        @Override
        public boolean read(ByteBuffer into) throws IOException {
            throw new IOException(DeviceKind.UNUSABLE);
        }

        @Override
        public boolean write(ByteBuffer frame) throws IOException {
            throw new IOException(DeviceKind.UNUSABLE);
        }
    }

    @Override
    void addCalls(HypercallTable table, Dialect dialect, Devices devices) {
        if (dialect.isMarked()) {
            table.with(0x506, Hypercall.NET_WRITE, NetTransfer.write(devices))
                    .with(0x507, Hypercall.NET_READ, NetTransfer.read(devices));
            return;
        }
        boolean isOldest = dialect == Dialect.UKVM_0_2;
        int first = isOldest ? 0x505 : 0x507;
        for (Map.Entry<Integer, AttachedNet> entry : devices.all(AttachedNet.class).entrySet()) {
            int handle = entry.getKey();
            AttachedNet net = entry.getValue(); // The only one.
            table.with(first, Hypercall.NET_INFO, isOldest ? NetInfo.text(net) : NetInfo.bytes(net))
                    .with(first + 1, Hypercall.NET_WRITE, NetTransfer.ukvmWrite(devices, handle))
                    .with(first + 2, Hypercall.NET_READ, NetTransfer.ukvmRead(devices, handle));
        }
    }
}
