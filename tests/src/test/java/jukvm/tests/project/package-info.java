/** What holds for the project as a whole: its architecture, documents, exports and examples. */
@NullMarked
package jukvm.tests.project;

import org.jspecify.annotations.NullMarked;
