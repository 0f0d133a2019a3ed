/**
 * The kernel's KVM interface, one class per kind of descriptor: {@link jukvm.kvm.Kvm} makes a
 * {@link jukvm.kvm.KvmVm}, which makes a {@link jukvm.kvm.KvmVcpu}.
 *
 * <p>Each has exactly the requests its descriptor takes. C structs are flyweights over a buffer,
 * with offsets as the header lays them out; request numbers are computed from their sizes. Nothing
 * here knows Solo5.
 */
@NullMarked
package jukvm.kvm;

import org.jspecify.annotations.NullMarked;
