/**
 * Actions whose image is fetched over HTTP and started, with nothing of it cached: the origin, a
 * second process that serves images from cold files, and the systems that fetch from it.
 */
@NullMarked
package jukvm.bench.fetch;

import org.jspecify.annotations.NullMarked;
