/** {@code jukvm run}: its options, the image, the guest's run and its report. */
@NullMarked
package jukvm.cli.run;

import org.jspecify.annotations.NullMarked;
