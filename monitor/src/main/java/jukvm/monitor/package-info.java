/**
 * The library: open a {@link jukvm.monitor.Monitor} once, then start what a {@link
 * jukvm.monitor.GuestSpec} describes and look at its {@link jukvm.guest.RunResult}.
 *
 * <p>A monitor is opened once and closed last: that stops its guests, waits for them and gives
 * everything back. A {@link jukvm.monitor.GuestSpec} and an image have nothing to close and may be
 * shared; keep the image, since VMs are kept ready for guests of the same object. A {@link
 * jukvm.monitor.GuestRun} ends by itself, or when it is closed. Disks, interfaces and switches
 * belong to whoever opened them, and outlive the guests that they are attached to. Every guest has
 * a platform thread of its own, on which its console and devices are called: they may block, and
 * hold up their own guest alone. What hangs on its result is called there or on another thread of
 * the monitor's. All methods here may be called from any thread, those that stop or close from
 * callbacks, too.
 *
 * <p>A guest and its image are hostile; nothing they do ends the JVM. Configuration, devices and
 * the host are trusted.
 */
@NullMarked
package jukvm.monitor;

import org.jspecify.annotations.NullMarked;
