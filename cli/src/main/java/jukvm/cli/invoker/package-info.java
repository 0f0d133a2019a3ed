/**
 * What every command stands on: who called it ({@link jukvm.cli.invoker.Invoker}), with which
 * streams and signals, in a JVM of its own or in the daemon; how options are read; exit statuses.
 */
@NullMarked
package jukvm.cli.invoker;

import org.jspecify.annotations.NullMarked;
