/**
 * What each way between a guest and the world costs: frames a second, and HTTP through it, in a
 * network namespace that the measurement makes for itself.
 */
@NullMarked
package jukvm.bench.net;

import org.jspecify.annotations.NullMarked;
