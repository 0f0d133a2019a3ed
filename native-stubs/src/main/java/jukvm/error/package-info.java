/**
 * The exceptions of jukvm: one sealed root and four leaves, named by who must act.
 *
 * <p>Messages read <em>subject: fact, with numbers and units. Remedy if the operator can act.</em>
 * Programmer errors are {@link java.lang.IllegalArgumentException} and {@link
 * java.lang.IllegalStateException} and do not appear here.
 */
@NullMarked
package jukvm.error;

import org.jspecify.annotations.NullMarked;
