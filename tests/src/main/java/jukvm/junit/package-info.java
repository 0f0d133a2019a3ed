/**
 * Guests in JUnit 5 tests. {@link jukvm.junit.Unikernel} on a test, or on one of its parameters,
 * says which guest and what is expected of it; {@link jukvm.junit.Guest} is what the test holds.
 *
 * <p>What a guest leaves when a test fails is with the failure: console output, outcome with
 * registers, timeline, counters, and packets if they were captured. Here is no way to run a guest
 * that {@link jukvm.monitor.GuestSpec} lacks.
 */
@NullMarked
package jukvm.junit;

import org.jspecify.annotations.NullMarked;
