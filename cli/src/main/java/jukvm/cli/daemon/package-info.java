/**
 * {@code jukvm daemon}: the resident JVM, its place, and the service of one client after another.
 */
@NullMarked
package jukvm.cli.daemon;

import org.jspecify.annotations.NullMarked;
