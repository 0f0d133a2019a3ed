package jukvm.memory;

/**
 * Is told of each range of guest memory that the host reads or writes on the guest's behalf, before
 * it does; not of one that is checked alone. On the memory's thread.
 */
public interface AccessWatch {
    /** Passes over it. */
    AccessWatch NOBODY =
            new AccessWatch() {
                @Override
                public void reads(long gpa, long length) {}

                @Override
                public void writes(long gpa, long length) {}
            };

    /** Is told of a range that may be read, all of it the guest's to read. */
    void reads(long gpa, long length);

    /** Is told of a range that may be written, all of it the guest's to write. */
    void writes(long gpa, long length);
}
