/**
 * The commands of jukvm. The guest's output goes to stdout and nothing else does; all else goes to
 * stderr.
 */
@NullMarked
package jukvm.cli;

import org.jspecify.annotations.NullMarked;
