/** Tests. */
@NullMarked
package jukvm.bench.embed;

import org.jspecify.annotations.NullMarked;
