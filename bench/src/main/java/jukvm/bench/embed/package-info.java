/**
 * {@code jukvm bench embed}: jukvm as a library in a warm JVM, measured in turns with the native
 * floor. The floor is a C program that does the least a tender must; it runs as a process beside
 * this JVM and answers in blocks.
 */
@NullMarked
package jukvm.bench.embed;

import org.jspecify.annotations.NullMarked;
