package jukvm.isolation;

/**
 * How many workers there are, and what each is given.
 *
 * @param most at a time, those that wait for a guest included
 * @param warm that wait for a guest, where there is room
 * @param guestsEach guests that one runs in its life, at most
 * @param heapBytes of Java heap of each
 * @param keepBytes of guest memory that VMs kept in each may have together
 */
public record WorkerSettings(int most, int warm, int guestsEach, long heapBytes, long keepBytes) {}
