/**
 * {@code jukvm bench}: what jukvm costs over a native floor, measured in turns on the same host.
 *
 * <p>The floor is a C program that does the least a tender must; it runs as a process beside this
 * JVM and answers in blocks. Here are the measurements, their statistics and their reports; nothing
 * that a guest or an embedder needs.
 */
@NullMarked
package jukvm.bench;

import org.jspecify.annotations.NullMarked;
