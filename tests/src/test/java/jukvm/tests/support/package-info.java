/** What several tests share: guests, commands, daemons, hosts, and what is counted of them. */
@NullMarked
package jukvm.tests.support;

import org.jspecify.annotations.NullMarked;
