package jukvm.io;

/** Where a file is written here and there: what is not written reads as zero. */
public interface SparseOutput {
    /**
     * Writes bytes at a place.
     *
     * @param offset in bytes from its start
     * @throws jukvm.error.HostException if not all of them can be written
     */
    void write(byte[] bytes, int from, int length, long offset);

    /**
     * Says how long it is, in bytes, when all of it is written.
     *
     * @throws jukvm.error.HostException if the host refuses
     */
    void length(long bytes);

    /** Has whoever writes wait for nobody any more; from any thread. */
    default void cancel() {}
}
