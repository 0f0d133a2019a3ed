/** The library as embedders use it: runs, stops, limits, snapshots, figures. */
@NullMarked
package jukvm.tests.library;

import org.jspecify.annotations.NullMarked;
