/** The sandbox of the command: what a JVM needs in it, and what nobody can do from inside. */
@NullMarked
package jukvm.tests.sandbox;

import org.jspecify.annotations.NullMarked;
