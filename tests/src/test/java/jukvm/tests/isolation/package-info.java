/** Guests in processes of their own, by {@code Isolation.PROCESS}. */
@NullMarked
package jukvm.tests.isolation;

import org.jspecify.annotations.NullMarked;
