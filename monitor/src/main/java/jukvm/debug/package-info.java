/**
 * What looks into guests: gdb's remote protocol and what it sees of a guest, cores, backtraces,
 * profiles. What gdb sends is hostile, as is all of the guest; who may connect is the operator's
 * affair.
 */
@NullMarked
package jukvm.debug;

import org.jspecify.annotations.NullMarked;
