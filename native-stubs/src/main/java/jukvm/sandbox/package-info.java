/**
 * What is taken from this process before a guest is entered, so that who breaks out of the guest
 * finds a process that can do little: a filter of system calls, limits, and Landlock.
 *
 * <p>The table of calls is {@code SystemCall}, and nothing else says what passes. What is opened
 * before, and in which order, is the caller's to know.
 */
@NullMarked
package jukvm.sandbox;

import org.jspecify.annotations.NullMarked;
