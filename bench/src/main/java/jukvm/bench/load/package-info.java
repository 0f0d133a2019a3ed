/**
 * The experiments: latency, throughput, rising load, density. Each runs actions of systems and
 * notes what it finds in their {@link jukvm.bench.load.Findings}; each can be interrupted, and what
 * was found until then stays.
 */
@NullMarked
package jukvm.bench.load;

import org.jspecify.annotations.NullMarked;
