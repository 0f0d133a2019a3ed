/**
 * Guest images: ELF files read once and checked whole, before anything of KVM is touched.
 *
 * <p>{@link jukvm.image.ImageNotes} looks at executables that need not be guests for this monitor.
 *
 * <p>Every byte of a file is hostile. What comes out is an immutable value that says what to place
 * where with which rights. Sources: the ELF-64 object file format; Solo5 tenders/common/elf.c and
 * mft.c for the rules.
 */
@NullMarked
package jukvm.image;

import org.jspecify.annotations.NullMarked;
