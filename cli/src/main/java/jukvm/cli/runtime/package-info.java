/**
 * What makes jukvm a container runtime: the bundle of a container whose entry point is a guest
 * becomes one in which a JVM runs it. The life of the container, and every container that is none
 * of ours, belongs to the low-level runtime (runc, crun), which the launcher becomes.
 */
@NullMarked
package jukvm.cli.runtime;

import org.jspecify.annotations.NullMarked;
