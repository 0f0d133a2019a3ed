/**
 * The hypercalls: one handler class each, and the table that finds a port's handler.
 *
 * <p>Arguments lie in a struct in guest memory. A handler copies what it needs once, checks it,
 * works, then writes its results. Source: Solo5 include/hvt_abi.h; ukvm 0.2 ukvm/ukvm.h.
 */
@NullMarked
package jukvm.hypercall;

import org.jspecify.annotations.NullMarked;
