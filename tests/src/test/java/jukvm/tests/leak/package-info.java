/** What is left behind, and what is allocated. */
@NullMarked
package jukvm.tests.leak;

import org.jspecify.annotations.NullMarked;
