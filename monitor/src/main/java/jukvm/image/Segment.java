package jukvm.image;

/**
 * A part of a guest image: bytes of the file, and where the guest sees them. Checked.
 *
 * @param index of its program header
 * @param gpa guest-physical address of the first byte
 * @param fileOffset of its bytes in the file
 * @param fileSize how many bytes come from the file
 * @param memorySize how many bytes it takes in memory; what the file does not give is zero
 * @param writable whether the guest may write it
 * @param executable whether the guest may execute it
 */
public record Segment(
        int index,
        long gpa,
        int fileOffset,
        int fileSize,
        long memorySize,
        boolean writable,
        boolean executable) {
    private static final long PAGE = 4096;

    /** Returns the guest-physical address of its first page. */
    public long pageStart() {
        return gpa & -PAGE;
    }

    /** Returns the guest-physical address after its last page. */
    public long pageEnd() {
        return (gpa + memorySize + PAGE - 1) & -PAGE;
    }

    /**
     * Returns whether the guest may only read or execute its pages. A segment without bytes in the
     * file never counts: it is zero memory like the heap, and may share a page with a neighbour.
     */
    public boolean isReadOnly() {
        return fileSize > 0 && !writable;
    }

    /**
     * Returns whether the guest may write its pages and execute them, which only guests before
     * Solo5 0.6 can ask for.
     */
    public boolean hasAllRights() {
        return fileSize > 0 && writable && executable;
    }

    /** Returns its rights as readelf writes them, as in {@code R E}. */
    public String rights() {
        return "R" + (writable ? "W" : " ") + (executable ? "E" : " ");
    }
}
