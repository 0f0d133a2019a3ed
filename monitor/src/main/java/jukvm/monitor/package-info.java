/**
 * The library: open a {@link jukvm.monitor.Monitor} once, then start what a {@link
 * jukvm.monitor.GuestSpec} describes and look at its {@link jukvm.monitor.RunResult}.
 *
 * <p>A guest and its image are hostile; nothing they do ends the JVM. Configuration, devices and
 * the host are trusted.
 */
@NullMarked
package jukvm.monitor;

import org.jspecify.annotations.NullMarked;
