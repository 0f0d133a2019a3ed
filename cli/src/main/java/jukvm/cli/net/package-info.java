/**
 * {@code jukvm net}: TAP interfaces made ready for users who may not make any, by iproute2 and
 * nftables.
 */
@NullMarked
package jukvm.cli.net;

import org.jspecify.annotations.NullMarked;
