/**
 * This process as the host sees it: the signals that end it, its working folder, the processor time
 * of a thread, and the native binding that begins before it is needed.
 */
@NullMarked
package jukvm.process;

import org.jspecify.annotations.NullMarked;
