/** Results as an experiment finds them, and tests of their document. */
@NullMarked
package jukvm.bench.result;

import org.jspecify.annotations.NullMarked;
