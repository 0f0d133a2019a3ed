/*
 * What an hvt monitor looks for before it loads a guest: the ABI and the manifest. Devices add their entries behind this manifest
 * (DEVICE in guest.h); guest.ld counts them.
 */
    .section .note.solo5.abi, "a", @note
    .balign 4
    .long 6, abi_end - abi, 0x31494241  /* "ABI1" */
    .asciz "Solo5"
    .balign 4
abi:
    .long 1, ABI_VERSION, 0, 0          /* target hvt, version, reserved, reserved */
abi_end:

/* Aligned to 8 where the ABI note is aligned to 4: the linker puts only notes of equal alignment into one PT_NOTE. */
    .section .note.solo5.manifest, "a", @note
    .balign 8
    .long 6, manifest_size, 0x3154464d  /* "MFT1" */
    .asciz "Solo5"
    .balign 4
    .balign 8                           /* these four bytes belong to the descriptor */
    .long 1, manifest_entries           /* version, entries */
    .fill 68                            /* name of the reserved first entry: empty */
    .long 0x40000000                    /* its type */
    .fill 32                            /* properties, private word, attached flag, padding */

    .section .note.GNU-stack, "", @progbits
