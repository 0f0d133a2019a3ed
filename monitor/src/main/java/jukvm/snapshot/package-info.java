/**
 * Snapshots in files: their format, written whole or not at all, and read as what they are, the
 * work of others. Knows nothing of how a guest comes to its point, nor of what is done with clones.
 */
@NullMarked
package jukvm.snapshot;

import org.jspecify.annotations.NullMarked;
