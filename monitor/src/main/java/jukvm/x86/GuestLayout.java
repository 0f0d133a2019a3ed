package jukvm.x86;

import jukvm.abi.BootInfo;
import jukvm.image.GuestImage;

/**
 * The guest-physical memory map below 1 MiB; guest-virtual addresses are the same.
 *
 * <pre>
 * 0x000000  page zero                         unmapped (before Solo5 0.6: the guest's)
 * 0x001000  descriptors and trap stack        ring 0: GDT only; ring 3: supervisor, see Descriptors
 * 0x002000  PML4                              unmapped
 * 0x003000  PDPT                              unmapped
 * 0x004000  page directories, 1 GiB each      unmapped
 * 0x008000  page table of the first 2 MiB     unmapped
 * 0x010000  boot info, manifest               read-only (before Solo5 0.6: the guest's)
 * 0x012000  command line                      read-only (before Solo5 0.6: the guest's)
 * 0x020000  page tables of 2 MiB regions      unmapped, as many as the image needs
 * 0x100000  image, then heap; stack from the end of memory down
 * </pre>
 *
 * <p>At ring 0 a guest before Solo5 0.6 sees all of it mapped and writable, as it did then.
 */
final class GuestLayout {
    static final long DESCRIPTORS = 0x1000;
    static final long PML4 = 0x2000;
    static final long PDPT = 0x3000;
    static final long PAGE_DIRECTORIES = 0x4000;
    static final long FIRST_PAGE_TABLE = 0x8000;
    static final long TABLES_END = 0x9000;
    static final long BOOT_INFO = BootInfo.GPA;
    static final long BOOT_INFO_END = BootInfo.END_GPA;
    static final long MORE_PAGE_TABLES = 0x20000;
    static final long IMAGE = GuestImage.LOWEST;

    private GuestLayout() {}
}
