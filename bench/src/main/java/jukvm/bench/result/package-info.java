/**
 * What an experiment found, as values, and the directory it goes to: {@code results.json} is
 * exactly these records, in snake case. Nothing here measures, concludes or draws.
 */
@NullMarked
package jukvm.bench.result;

import org.jspecify.annotations.NullMarked;
