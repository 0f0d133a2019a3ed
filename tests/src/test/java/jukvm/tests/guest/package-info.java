/** The matrix of guests: each on every dialect, privilege level and device it can have. */
@NullMarked
package jukvm.tests.guest;

import org.jspecify.annotations.NullMarked;
