package jukvm.daemon;

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
