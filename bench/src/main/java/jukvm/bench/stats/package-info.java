/**
 * Statistics of samples: how sure a median is, and how sure it is that two differ. Knows nothing of
 * what was measured.
 */
@NullMarked
package jukvm.bench.stats;

import org.jspecify.annotations.NullMarked;
