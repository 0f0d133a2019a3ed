package jukvm.sandbox;

import java.util.Arrays;
import jukvm.kvm.KvmRequests;
import jukvm.libc.Libc;
import jukvm.memory.PageScan;
import jukvm.net.FrameStream;
import jukvm.stream.NonBlockingOutput;

/**
 * What an argument of a system call must be: half of it, of which some bits count, is one of some
 * values. The kernel's filters see numbers only, not what they point to.
 */
final class Condition {
    private static final int ALL = -1;
    private static final int OWN_PROCESS = Integer.MIN_VALUE;

    // sched.h. Those of namespaces, for which CLONE_THREAD alone does not stand.
    static final int CLONE_THREAD = 0x10000;
    static final int CLONE_NAMESPACES = 0x7e020080;
    static final int TCGETS = 0x5401;
    static final int PR_SET_NAME = 15;
    static final int PR_SET_VMA = 0x53564d41;
    static final int F_GETFD = 1;
    static final int SO_SNDBUF = 7;
    static final int SO_RCVBUF = 8;
    static final int AF_INET6 = 10;
    static final int FIONBIO = 0x5421;

    // linux/sockios.h: what interfaces there are, and what each is like.
    static final int SIOCGIFNAME = 0x8910;
    static final int SIOCGIFCONF = 0x8912;
    static final int SIOCGIFFLAGS = 0x8913;
    static final int SIOCGIFADDR = 0x8915;
    static final int SIOCGIFBRDADDR = 0x8919;
    static final int SIOCGIFNETMASK = 0x891b;
    static final int SIOCGIFMTU = 0x8921;
    static final int SIOCGIFHWADDR = 0x8927;
    static final int SIOCGIFINDEX = 0x8933;

    /** What the argument is to be, for the table that people read. */
    final String text;

    /** The argument's lower half is at twice its number from 0, the upper follows. */
    final int half;

    final int mask;
    private final int[] values;

    private Condition(String text, int half, int mask, int... values) {
        this.text = text;
        this.half = half;
        this.mask = mask;
        this.values = values;
    }

    /** Returns how many values it may have. */
    int count() {
        return values.length;
    }

    /** Returns one of them, for a process of a number. */
    int value(int index, int process) {
        return values[index] == OWN_PROCESS ? process : values[index];
    }

    boolean hasMask() {
        return mask != ALL;
    }

    /** That open(2) neither writes nor creates nor empties; its flags are an argument. */
    static Condition toRead(int argument) {
        int mask = Libc.O_ACCMODE | Libc.O_CREAT | Libc.O_TRUNC;
        return new Condition("to read only", 2 * argument, mask, Libc.O_RDONLY);
    }

    /** That an argument is this process. */
    static Condition ownProcess(int argument) {
        return new Condition("this process", 2 * argument, ALL, OWN_PROCESS);
    }

    /** That half of an argument is zero; a pointer is if both halves are. */
    static Condition none(String text, int half) {
        return new Condition(text, half, ALL, 0);
    }

    /** That clone(2) makes a thread. */
    static Condition aThread() {
        int mask = CLONE_THREAD | CLONE_NAMESPACES;
        return new Condition("a thread, in no other namespace", 0, mask, CLONE_THREAD);
    }

    /** That fcntl(2) changes nothing that others would be told by. */
    static Condition descriptorFlags() {
        return new Condition(
                "flags, locks and copies of descriptors",
                2,
                ALL,
                Libc.F_GETFL,
                Libc.F_SETFL,
                F_GETFD,
                Libc.F_SETFD,
                Libc.F_OFD_SETLK,
                Libc.F_DUPFD_CLOEXEC);
    }

    /** That ioctl(2) asks which pages of memory are in use. */
    static Condition pageScan() {
        return new Condition("PAGEMAP_SCAN", 2, ALL, (int) PageScan.SCAN);
    }

    /** That fcntl(2) seals a file in memory. */
    static Condition seals() {
        return new Condition("to seal", 2, ALL, Libc.F_ADD_SEALS);
    }

    /** That prctl(2) names something. */
    static Condition aName() {
        return new Condition("names of threads and memory", 0, ALL, PR_SET_NAME, PR_SET_VMA);
    }

    /** That it is a pair of stream sockets, which can be connected with nothing else. */
    static Condition unix() {
        return new Condition("AF_UNIX", 0, ALL, Libc.AF_UNIX);
    }

    /** See {@link #unix}. */
    static Condition stream() {
        int mask = ~(Libc.SOCK_CLOEXEC | Libc.SOCK_NONBLOCK);
        return new Condition("SOCK_STREAM", 2, mask, Libc.SOCK_STREAM);
    }

    /** That it is a pair of sockets that keep messages apart. */
    static Condition packets() {
        int mask = ~(Libc.SOCK_CLOEXEC | Libc.SOCK_NONBLOCK);
        return new Condition("SOCK_SEQPACKET", 2, mask, Libc.SOCK_SEQPACKET);
    }

    /** That a socket is of the Internet or of this host; netlink tells which interfaces it has. */
    static Condition aFamily() {
        return new Condition(
                "AF_INET, AF_INET6, AF_UNIX, AF_NETLINK",
                0,
                ALL,
                Libc.AF_INET,
                AF_INET6,
                Libc.AF_UNIX,
                Libc.AF_NETLINK);
    }

    /** That ioctl(2) asks what interfaces there are, or has a socket wait or not. */
    static Condition ofSockets() {
        return new Condition(
                "whether a socket waits, and what interfaces are like",
                2,
                ALL,
                FIONBIO,
                SIOCGIFNAME,
                SIOCGIFCONF,
                SIOCGIFFLAGS,
                SIOCGIFADDR,
                SIOCGIFBRDADDR,
                SIOCGIFNETMASK,
                SIOCGIFMTU,
                SIOCGIFHWADDR,
                SIOCGIFINDEX);
    }

    /** That it is about the socket itself, and not its protocol. */
    static Condition socketLevel() {
        return new Condition("of the socket", 2, ALL, Libc.SOL_SOCKET);
    }

    /** That it is about the room for what is sent and received. */
    static Condition buffers() {
        return new Condition("its buffers", 4, ALL, SO_SNDBUF, SO_RCVBUF);
    }

    /** That ioctl(2) is one that we make, of KVM, terminals and sockets. */
    static Condition ourRequests() {
        long[] kvm = KvmRequests.numbers();
        int[] others = {
            TCGETS,
            (int) NonBlockingOutput.TIOCGWINSZ,
            (int) NonBlockingOutput.TIOCGPTN,
            Libc.FIONREAD,
            FrameStream.SIOCOUTQ
        };
        int[] all = Arrays.copyOf(others, others.length + kvm.length);
        for (int i = 0; i < kvm.length; i++) {
            all[i] = (int) kvm[i]; // KVM_RUN first.
        }
        System.arraycopy(others, 0, all, kvm.length, others.length);
        return new Condition(
                "KVM's that jukvm uses, and what a terminal or socket is", 2, ALL, all);
    }
}
