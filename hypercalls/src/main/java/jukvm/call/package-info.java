/**
 * What guests ask for and tell, as values: the kinds of hypercall, and the trap a guest gave up on.
 */
@NullMarked
package jukvm.call;

import org.jspecify.annotations.NullMarked;
