/**
 * One run: what was asked, its five steps on the VM's thread, the vCPU loop, and the decorations of
 * hypercalls and console that enforce limits.
 */
@NullMarked
package jukvm.run;

import org.jspecify.annotations.NullMarked;
