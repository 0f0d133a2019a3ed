package jukvm.bench.process;

/**
 * How a program ended and what it has left. Times are those of {@link System#nanoTime}.
 *
 * @param started just before it was started, when all that it needs was ready
 * @param firstByte when the first byte of its output had been read, 0 if there was none
 * @param ended when it had been waited for
 * @param status its exit status, -1 if a signal ended it
 * @param signal the number of the signal that ended it, 0 if it exited
 * @param timedOut whether it was killed because its time was up
 * @param output what it wrote to its standard output, read as UTF-8, up to {@link Child#OUTPUT}
 * @param errors the beginning of what it wrote to its standard error, up to {@link Child#ERRORS}
 */
public record ChildEnd(
        long started,
        long firstByte,
        long ended,
        int status,
        int signal,
        boolean timedOut,
        String output,
        String errors) {

    /** Returns whether it exited by itself, with status 0. */
    public boolean succeeded() {
        return status == 0 && !timedOut;
    }
}
