/**
 * What is at the other end of guests' network interfaces: TAPs of the host, and the settings that
 * their last user may have left; passt, and others that exchange frames over Unix sockets. What
 * comes from the network is hostile.
 */
@NullMarked
package jukvm.net;

import org.jspecify.annotations.NullMarked;
