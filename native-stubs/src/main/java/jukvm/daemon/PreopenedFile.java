package jukvm.daemon;

import java.nio.ByteBuffer;
import java.util.List;
import jukvm.libc.Libc;

/**
 * A file that a client opened before it was asked to.
 *
 * @param path as it is on the client's command line
 * @param flags it was opened with, close-on-exec apart
 * @param result a descriptor of this process, or the negated errno
 */
record PreopenedFile(String path, int flags, int result) {
    private static final Libc LIBC = Libc.get();
    private static final String KVM = "/dev/kvm";

    /**
     * Takes those that came with the request of a run.
     *
     * @param at the message
     * @param received the descriptors that came with it, the client's standard streams first
     * @return false if they are not as the message says
     */
    static boolean take(
            ByteBuffer at, int[] received, ClientRequest hello, List<PreopenedFile> taken) {
        int kvm = at.getInt(DaemonProtocol.KVM);
        int word = at.getInt(DaemonProtocol.GUEST_WORD);
        int guest = word == 0 ? -1 : at.getInt(DaemonProtocol.GUEST);
        int expected = Client.STANDARD + (kvm >= 0 ? 1 : 0) + (guest >= 0 ? 1 : 0);
        if (received.length != expected || word < 0 || word > hello.arguments().size()) {
            return false;
        }
        taken.add(new PreopenedFile(KVM, Libc.O_RDWR, kvm >= 0 ? received[Client.STANDARD] : kvm));
        if (word > 0) {
            String path = hello.arguments().get(word - 1);
            int result = guest >= 0 ? received[expected - 1] : guest;
            taken.add(new PreopenedFile(path, Libc.O_RDONLY | Libc.O_NONBLOCK, result));
        }
        return true;
    }

    boolean is(String path, int flags) {
        return this.flags == flags && this.path.equals(path);
    }

    /** Closes what nobody wanted. */
    void close() {
        if (result >= 0) {
            LIBC.close(result);
        }
    }
}
