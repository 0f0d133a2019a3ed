package jukvm.kvm;

/** The encoding of ioctl request numbers. Source: asm-generic/ioctl.h; type KVMIO, linux/kvm.h. */
final class Ioctl {
    private static final long KVMIO = 0xAE;
    private static final int SIZE_SHIFT = 16;
    private static final int TYPE_SHIFT = 8;
    private static final long WRITE = 1L << 30;
    private static final long READ = 2L << 30;

    private Ioctl() {}

    /** A request that passes no struct. */
    static long io(int number) {
        return KVMIO << TYPE_SHIFT | number;
    }

    /** A request that passes a struct of {@code size} bytes to the kernel. */
    static long iow(int number, int size) {
        return WRITE | (long) size << SIZE_SHIFT | io(number);
    }

    /** A request that gets a struct of {@code size} bytes from the kernel. */
    static long ior(int number, int size) {
        return READ | (long) size << SIZE_SHIFT | io(number);
    }

    /** A request that passes a struct of {@code size} bytes both ways. */
    static long iowr(int number, int size) {
        return READ | iow(number, size);
    }
}
