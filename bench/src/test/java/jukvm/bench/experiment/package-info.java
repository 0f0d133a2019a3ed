/** Tests of the whole experiment and of what it is made of. */
@NullMarked
package jukvm.bench.experiment;

import org.jspecify.annotations.NullMarked;
