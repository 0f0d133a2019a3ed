/**
 * Text that the host has as bytes: names of files and interfaces, and arguments. Nothing here knows
 * what they name.
 */
@NullMarked
package jukvm.text;

import org.jspecify.annotations.NullMarked;
