/**
 * The devices that a command line names, from their options to open devices; each kind of device is
 * one class.
 */
@NullMarked
package jukvm.cli.device;

import org.jspecify.annotations.NullMarked;
