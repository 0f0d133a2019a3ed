/**
 * Images that come over HTTP: an address with its digest, a small HTTP/1.1 client whose time and
 * memory are bounded, and the digest of what came. Servers are hostile.
 */
@NullMarked
package jukvm.fetch;

import org.jspecify.annotations.NullMarked;
