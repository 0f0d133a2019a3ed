/**
 * What of the host an embedder has to name: files, descriptors, and what keeps a process in. All
 * else of them is in {@code jukvm.io} and {@code jukvm.sandbox}, for the library alone.
 */
@NullMarked
package jukvm.host;

import org.jspecify.annotations.NullMarked;
