/**
 * What is counted and recorded of guests: metrics of a monitor, and events of the JVM's flight
 * recorder, whose classes are loaded only when it is in use.
 */
@NullMarked
package jukvm.telemetry;

import org.jspecify.annotations.NullMarked;
