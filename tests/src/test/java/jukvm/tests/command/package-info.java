/** The command and its launcher, on hosts good and bad. */
@NullMarked
package jukvm.tests.command;

import org.jspecify.annotations.NullMarked;
