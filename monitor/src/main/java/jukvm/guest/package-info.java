/**
 * What is asked of a guest and told of it, as values: privilege mode, snapshot point, outcome,
 * timeline, counters, metrics. Immutable, all of them, and hostile where they say so.
 */
@NullMarked
package jukvm.guest;

import org.jspecify.annotations.NullMarked;
