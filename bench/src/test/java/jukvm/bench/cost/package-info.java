/** Tests. */
@NullMarked
package jukvm.bench.cost;

import org.jspecify.annotations.NullMarked;
