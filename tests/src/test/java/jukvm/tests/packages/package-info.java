/** The packages that are made for distributions, and the release for embedders. */
@NullMarked
package jukvm.tests.packages;

import org.jspecify.annotations.NullMarked;
