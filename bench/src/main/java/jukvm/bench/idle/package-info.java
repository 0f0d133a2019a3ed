/** How many guests that wait one JVM has room for, and what each takes of the host. */
@NullMarked
package jukvm.bench.idle;

import org.jspecify.annotations.NullMarked;
