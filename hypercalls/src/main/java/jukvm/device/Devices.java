package jukvm.device;

import jukvm.io.Poller;

/**
 * What one guest is attached to.
 *
 * @param console where its output goes
 * @param clock the wall clock it is told
 * @param poller where its poll waits
 */
public record Devices(Console console, WallClock clock, Poller poller) {}
