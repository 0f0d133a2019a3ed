/** Programs that embed jukvm, as small as they can be; compiled and run by the tests. */
@NullMarked
package jukvm.examples;

import org.jspecify.annotations.NullMarked;
