/** Tests. */
@NullMarked
package jukvm.bench.jmh;

import org.jspecify.annotations.NullMarked;
