/**
 * Host input and output for vCPU threads: waiting, writing and reading that another thread can end.
 *
 * <p>Java's channels will not do: an interrupted one closes for everybody.
 */
@NullMarked
package jukvm.io;

import org.jspecify.annotations.NullMarked;
