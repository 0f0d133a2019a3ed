/* Entry: RDI = boot information, RSP = top of memory - 8. No privileged instruction: the monitor may run guests at level 3. */
    .section .text.start, "ax", @progbits
    .globl _start
_start:
    and  $-16, %rsp
    xor  %ebp, %ebp
    call guest_main
    mov  %eax, %edi
    call guest_exit

    .section .note.GNU-stack, "", @progbits
