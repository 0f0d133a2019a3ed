/** Tests of what people get to see of an experiment. */
@NullMarked
package jukvm.bench.report;

import org.jspecify.annotations.NullMarked;
