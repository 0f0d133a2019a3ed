/**
 * Host input and output for vCPU threads: waiting, writing and reading that another thread can end.
 *
 * <p>Java's channels will not do: an interrupted one closes for everybody. Also programs of the host,
 * started for their time to be taken, which {@link ProcessBuilder} is too slow for.
 */
@NullMarked
package jukvm.io;

import org.jspecify.annotations.NullMarked;
