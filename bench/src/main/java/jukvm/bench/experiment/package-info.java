/**
 * {@code jukvm bench}: the experiment as a whole. What is measured, in which order, how it is ended
 * early without loss, and what is concluded from it.
 */
@NullMarked
package jukvm.bench.experiment;

import org.jspecify.annotations.NullMarked;
