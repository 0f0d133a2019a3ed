/**
 * Standard streams and output files: written and read without ever blocking where a stop cannot
 * reach, also where other processes share them.
 */
@NullMarked
package jukvm.stream;

import org.jspecify.annotations.NullMarked;
