/**
 * Runs that are written down and done again: the format of a recording, what writes one while a
 * guest runs, and what answers a guest from one. Recordings are hostile. What a debugger does with
 * them is elsewhere.
 */
@NullMarked
package jukvm.replay;

import org.jspecify.annotations.NullMarked;
