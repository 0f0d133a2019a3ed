/** {@code jukvm image}: container images of guests, written and read without a container engine. */
@NullMarked
package jukvm.cli.image;

import org.jspecify.annotations.NullMarked;
