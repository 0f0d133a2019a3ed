/** Guests that attack the monitor, and what they leave for the next. */
@NullMarked
package jukvm.tests.hostile;

import org.jspecify.annotations.NullMarked;
