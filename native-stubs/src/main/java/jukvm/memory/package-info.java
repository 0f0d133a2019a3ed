/**
 * Guest memory: the only code that turns a guest-physical address into bytes.
 *
 * <p>Every address and length may come from a hostile guest; the checks are here and nowhere else.
 * Knows neither VMs nor hypercalls.
 */
@NullMarked
package jukvm.memory;

import org.jspecify.annotations.NullMarked;
