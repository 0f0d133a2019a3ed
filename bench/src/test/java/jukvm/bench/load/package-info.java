/** Tests of loads, on a system that is made up. */
@NullMarked
package jukvm.bench.load;

import org.jspecify.annotations.NullMarked;
