/**
 * Guests under a debugger: gdb's remote protocol, and what it sees of a guest. What gdb sends is
 * hostile; who may connect is the operator's affair.
 */
@NullMarked
package jukvm.debug;

import org.jspecify.annotations.NullMarked;
