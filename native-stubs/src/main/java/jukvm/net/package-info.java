/**
 * Network interfaces of the host that guests are given: TAPs, and the settings that their last user
 * may have left. What comes from the network is hostile.
 */
@NullMarked
package jukvm.net;

import org.jspecify.annotations.NullMarked;
