/**
 * The daemon's side of its socket: who connects, what a client asks for, and what it can be asked
 * to open. The client is {@code src/main/c/client.c}; {@code daemon.h} draws the messages.
 *
 * <p>What is run on a client's behalf is no affair of this package.
 */
@NullMarked
package jukvm.daemon;

import org.jspecify.annotations.NullMarked;
