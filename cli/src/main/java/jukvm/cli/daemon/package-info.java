/**
 * {@code jukvm daemon}: the resident JVM, its place, and the service of one client after another.
 * {@code jukvm core}: what is asked of the guests that other processes have run.
 */
@NullMarked
package jukvm.cli.daemon;

import org.jspecify.annotations.NullMarked;
