/**
 * What people get to see of an experiment: plots, the page, the summary in the terminal, and the
 * comparison of several experiments.
 *
 * <p>Everything here is made of {@link jukvm.bench.result.Results} alone, so equal results give
 * equal bytes on the same host. Text in results comes from programs and hosts: the page escapes all
 * of it.
 */
@NullMarked
package jukvm.bench.report;

import org.jspecify.annotations.NullMarked;
