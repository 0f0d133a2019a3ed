/** Tests of the measurement of guests that wait. */
@NullMarked
package jukvm.bench.idle;

import org.jspecify.annotations.NullMarked;
