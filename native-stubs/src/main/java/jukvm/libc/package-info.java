/**
 * The one libc binding, in two forms, and what needs it everywhere: mappings, descriptors and the
 * structs of their calls.
 *
 * <p>Host addresses are {@code long}s and exist only here and in the other packages of this module;
 * the package is not exported. Calls return what the kernel returns: a result of zero or more, or
 * the negated errno. Nothing here knows KVM or Solo5.
 */
@NullMarked
package jukvm.libc;

import org.jspecify.annotations.NullMarked;
