package jukvm.memory;

/**
 * What a guest may not do to which of its pages. Immutable.
 *
 * @param unwritable those it may not write
 * @param unreadable those it may not read either: they are the monitor's own
 */
record PageRights(ProtectedPages unwritable, ProtectedPages unreadable) {
    /** Those of a guest to which all of its memory belongs. */
    static final PageRights ALL = new PageRights(ProtectedPages.NONE, ProtectedPages.NONE);

    /** Returns these, less the right to write a range at or above the end of all such. */
    PageRights withoutWriting(long gpa, long length) {
        return new PageRights(unwritable.with(gpa, length), unreadable);
    }

    /** Returns these, with all rights to what is at or above an address. */
    PageRights below(long gpa) {
        return new PageRights(unwritable.below(gpa), unreadable.below(gpa));
    }

    /** Returns these, less the right to read a range at or above the end of all such. */
    PageRights withoutReading(long gpa, long length) {
        return new PageRights(unwritable, unreadable.with(gpa, length));
    }

    /** Fails if a range is empty or not all of it within memory that ends there. */
    static void requireRange(long gpa, long length, long end) {
        if (gpa < 0 || length <= 0 || gpa > end - length) {
            throw new IllegalArgumentException("gpa=" + gpa + " length=" + length);
        }
    }
}
