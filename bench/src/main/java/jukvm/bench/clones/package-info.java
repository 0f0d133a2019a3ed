/** How soon clones of a guest that is in a snapshot's file answer, however they are started. */
@NullMarked
package jukvm.bench.clones;

import org.jspecify.annotations.NullMarked;
