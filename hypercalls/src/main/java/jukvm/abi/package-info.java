/**
 * The contract between guest image and monitor: notes, manifest, boot info, and the dialects that
 * tie them together.
 *
 * <p>Sources: Solo5 include/elf_abi.h, mft_abi.h, hvt_abi.h; ukvm 0.2 ukvm/ukvm.h. Everything read
 * from a guest image is hostile.
 */
@NullMarked
package jukvm.abi;

import org.jspecify.annotations.NullMarked;
