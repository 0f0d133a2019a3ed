/** Tests of what measures guests' networks. */
@NullMarked
package jukvm.bench.net;

import org.jspecify.annotations.NullMarked;
