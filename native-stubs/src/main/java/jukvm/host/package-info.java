/**
 * What of the host's files and descriptors an embedder has to name; all else of them is in {@code
 * jukvm.io}, for the library alone.
 */
@NullMarked
package jukvm.host;

import org.jspecify.annotations.NullMarked;
