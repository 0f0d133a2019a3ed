package jukvm.tests.hostile;

import static jukvm.tests.hostile.Hostile.guest;
import static jukvm.tests.support.Code.PUTS;
import static jukvm.tests.support.Code.RAX;
import static jukvm.tests.support.Code.RCX;
import static jukvm.tests.support.Code.RDI;
import static jukvm.tests.support.Code.RSI;

import java.util.ArrayList;
import java.util.List;
import jukvm.tests.hostile.Hostile.End;
import jukvm.tests.support.Code;
import jukvm.tests.support.TinyGuest;

/** Ports that are no hypercall's, and hypercalls' ports used otherwise than by a 32-bit OUT. */
final class HostilePorts {
    // What stands between the open ports of hvt, then chipset, PCI, reset, serial, ring, BIOS.
    private static final int[] PORTS = {
        0x500, 0x504, 0x505, 0x506, 0x507, 0x509, 0x50a, 0x50b, 0x50c, 0x4ff, 0x57f, 0x580, 0x5ff,
        0x600, 0, 0x10, 0x20, 0x40, 0x60, 0x64, 0x70, 0x80, 0x92, 0xcf8, 0xcf9, 0xcfc, 0x3f8, 0x499,
        0xb2, 0x1f0, 0x510, 0x511, 0x8900, 0xffff
    };

    private HostilePorts() {}

    static List<Hostile> guests() {
        List<Hostile> guests = new ArrayList<>();
        addCalls(guests);
        addSweep(guests);
        addTrapPorts(guests);
        return guests;
    }

    private static void addCalls(List<Hostile> guests) {
        End refused = End.fault("Invalid guest port access: port=0x502");
        guests.add(at(PUTS, "8-bit out", "out %al, %dx", "ee").ends(refused));
        guests.add(at(PUTS, "16-bit out", "out %ax, %dx", "66 ef").ends(refused));
        guests.add(at(PUTS, "8-bit in", "in %dx, %al", "ec").ends(refused));
        guests.add(at(PUTS, "16-bit in", "in %dx, %ax", "66 ed").ends(refused));
        guests.add(at(PUTS, "32-bit in", "in %dx, %eax", "ed").ends(refused));
        guests.add(at(PUTS, "outsb", "outsb", "6e").ends(refused));
        guests.add(at(PUTS, "insb", "insb", "6c").ends(refused));
        guests.add(at(PUTS, "insl", "insl", "6d").ends(refused));
        guests.add(at(PUTS, "rep outsb", "rep outsb", "f3 6e").ends(refused));
        guests.add(at(PUTS, "rep insb", "rep insb", "f3 6c").ends(refused));
        guests.add(at(PUTS, "rep insl", "rep insl", "f3 6d").ends(refused));
        // A string of 32-bit words is as many calls, with one word each as the address: KVM tells
        // of them one by one or together, and together they are no call. Here the first is 0, where
        // no arguments can be.
        End noArguments = End.fault("PUTS: Invalid guest access: gpa=0x0", "may not read");
        guests.add(
                at(PUTS, "rep outsl", "rep outsl", "f3 6f").ends(End.either(noArguments, refused)));
    }

    private static Hostile at(int port, String name, String assembly, String hex) {
        return guest(
                name,
                new Code()
                        .port(port)
                        .set(RAX, TinyGuest.SCRATCH)
                        .set(RSI, TinyGuest.SCRATCH)
                        .set(RDI, TinyGuest.SCRATCH)
                        .set(RCX, 4)
                        .op(assembly, hex)
                        .done());
    }

    private static void addSweep(List<Hostile> guests) {
        for (int port : PORTS) {
            String name = "port 0x" + Integer.toHexString(port);
            boolean isNumbered = port >= 0x500 && port <= 0x50a;
            String access = "Invalid guest port access: port=0x" + Integer.toHexString(port);
            End refused =
                    End.fault(
                            isNumbered
                                    ? "Invalid guest hypercall: num=" + (port - 0x500) + ","
                                    : access + ",");
            guests.add(at(port, name + ", out", "out %eax, %dx", "ef").ends(refused));
            End byByte = End.fault(access + " size=1,");
            guests.add(at(port, name + ", 8-bit out", "out %al, %dx", "ee").ends(byByte));
            guests.add(at(port, name + ", 8-bit in", "in %dx, %al", "ec").ends(byByte));
        }
    }

    // What only the monitor's stubs may write to at ring 3, and what means nothing at ring 0.
    private static void addTrapPorts(List<Hostile> guests) {
        for (int port = 0xe0; port <= 0xff; port++) {
            String name = "trap port 0x" + Integer.toHexString(port);
            End refused =
                    End.fault("Invalid guest port access: port=0x" + Integer.toHexString(port));
            Code code = new Code().op("out %eax, $port", "e7").raw((byte) port).handlers().done();
            guests.add(guest(name, code).ends(refused));
            guests.add(at(port, name + " by %dx", "out %eax, %dx", "ef").ends(refused));
        }
        guests.add(
                guest(
                                "flags that would open all ports",
                                new Code()
                                        .push(0x3202)
                                        .op("popf", "9d")
                                        .op("out %eax, $0xed", "e7 ed")
                                        .done())
                        .ends(End.fault("Invalid guest port access: port=0xed")));
    }
}
