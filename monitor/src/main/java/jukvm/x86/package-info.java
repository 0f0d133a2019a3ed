/**
 * x86-64: where things lie in guest memory, the state a guest starts in at either ring, and the
 * emulation of what it may not do at ring 3.
 *
 * <p>Not exported. Sources: Intel SDM volumes 2 and 3; Solo5 tenders/hvt/hvt_cpu_x86_64.c.
 */
@NullMarked
package jukvm.x86;

import org.jspecify.annotations.NullMarked;
