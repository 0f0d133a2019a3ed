/**
 * Host input and output for vCPU threads: waiting, writing and reading that another thread can end.
 *
 * <p>Java's channels will not do: an interrupted one closes for everybody. Nor will {@link
 * ProcessBuilder} where programs are timed: it starts a process of its own in between.
 */
@NullMarked
package jukvm.io;

import org.jspecify.annotations.NullMarked;
