/** Tests of programs that are started, of the page cache and of mounts. */
@NullMarked
package jukvm.bench.process;

import org.jspecify.annotations.NullMarked;
