package jukvm.kvm;

import java.nio.ByteBuffer;

/** linux/kvm.h, struct kvm_ioeventfd: a port whose writes ring a doorbell and end no KVM_RUN. */
final class KvmIoeventfd {
    static final int SIZE = 64;
    static final int ADDR = 8;
    static final int LEN = 16;
    static final int FD = 20;
    static final int FLAGS = 24;

    static final int KVM_IOEVENTFD_FLAG_PIO = 1 << 1;

    private final ByteBuffer at;

    KvmIoeventfd(ByteBuffer at) {
        this.at = at;
    }

    void put(int port, int length, int fd) {
        at.putLong(ADDR, port).putInt(LEN, length).putInt(FD, fd);
        at.putInt(FLAGS, KVM_IOEVENTFD_FLAG_PIO);
    }
}
