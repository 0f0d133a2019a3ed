/** Container engines as an experiment asks them; {@code BenchIT} starts those of this host. */
@NullMarked
package jukvm.bench.engine;

import org.jspecify.annotations.NullMarked;
