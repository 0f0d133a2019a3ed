/** The packages that are made for distributions. */
@NullMarked
package jukvm.tests.packages;

import org.jspecify.annotations.NullMarked;
