/**
 * Virtual machines: what a guest's run sees of one, the pool that makes and keeps them, what their
 * guests begin with, and the snapshots that clones go on from.
 */
@NullMarked
package jukvm.vm;

import org.jspecify.annotations.NullMarked;
