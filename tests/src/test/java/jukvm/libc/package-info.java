/** A binding whose calls fail when a test says so. */
@NullMarked
package jukvm.libc;

import org.jspecify.annotations.NullMarked;
