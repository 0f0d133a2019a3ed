/** What goes by the names of Solo5's own tools: {@code solo5-hvt} and {@code solo5-elftool}. */
@NullMarked
package jukvm.cli.solo5;

import org.jspecify.annotations.NullMarked;
