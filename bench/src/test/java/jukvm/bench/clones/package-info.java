/** Tests of the measurement of clones. */
@NullMarked
package jukvm.bench.clones;

import org.jspecify.annotations.NullMarked;
