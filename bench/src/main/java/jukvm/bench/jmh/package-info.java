/** {@code jukvm bench jmh}: the hot path in pieces, as benchmarks of JMH. */
@NullMarked
package jukvm.bench.jmh;

import org.jspecify.annotations.NullMarked;
