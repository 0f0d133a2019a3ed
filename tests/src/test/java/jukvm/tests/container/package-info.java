/** The container runtime, under runc alone and under the engines that call it. */
@NullMarked
package jukvm.tests.container;

import org.jspecify.annotations.NullMarked;
