/**
 * A worker: a process that runs guests of one tenant for another process, which opens what they use
 * and serves what is its embedder's. It is sealed before its first guest. What the other process
 * says is trusted, and its end is the worker's. The other side is {@code jukvm.isolation}.
 */
@NullMarked
package jukvm.worker;

import org.jspecify.annotations.NullMarked;
