/** Tests of the systems that run the action. */
@NullMarked
package jukvm.bench.action;

import org.jspecify.annotations.NullMarked;
