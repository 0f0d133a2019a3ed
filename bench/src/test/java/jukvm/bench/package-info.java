/** Tests of the measurements; none asserts a speed. */
@NullMarked
package jukvm.bench;

import org.jspecify.annotations.NullMarked;
