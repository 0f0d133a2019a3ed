/**
 * The ways to run the action that an experiment compares: each found on this host or said to be
 * missing, each started the way its users would, each action checked.
 *
 * <p>The action prints a line and ends. Nothing here knows how often it is run or what becomes of
 * the times.
 */
@NullMarked
package jukvm.bench.action;

import org.jspecify.annotations.NullMarked;
