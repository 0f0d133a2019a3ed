/** The daemon: the same behaviour as the cold command, and its own dangers. */
@NullMarked
package jukvm.tests.daemon;

import org.jspecify.annotations.NullMarked;
