/**
 * What a guest sees of the world: one file per device, with the interface an embedder implements.
 *
 * <p>Devices are called on the vCPU's thread and never learn of vCPUs or VMs.
 */
@NullMarked
package jukvm.device;

import org.jspecify.annotations.NullMarked;
