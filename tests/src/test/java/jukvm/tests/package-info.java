/** What needs {@code /dev/kvm} or a second process: one guest or one command, one behaviour. */
@NullMarked
package jukvm.tests;

import org.jspecify.annotations.NullMarked;
