/** Block and network devices on a host. */
@NullMarked
package jukvm.tests.device;

import org.jspecify.annotations.NullMarked;
