/**
 * Programs that are started and measured, and what the host may keep of files and mounts meanwhile.
 * The only package here that knows a native binding; nothing of it is needed to run guests.
 */
@NullMarked
package jukvm.bench.process;

import org.jspecify.annotations.NullMarked;
