/**
 * Who runs when, and how it is stopped: time, the vCPU scheduler, stops, limits, admission. Nothing
 * here needs KVM, so each rule is proved by tests that give the time.
 */
@NullMarked
package jukvm.control;

import org.jspecify.annotations.NullMarked;
