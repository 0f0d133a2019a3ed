/*
 * Exceptions at level 3. The processor runs a stub of write_stub, whose port names the vector; the frame is on the stack of stubs,
 * always at the same place. What the guest may not do itself is done for it; the rest its own handler sees.
 */
#include "floor.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

enum { GENERAL_PROTECTION = 13, PAGE_FAULT = 14 };
enum { FS_BASE = 0xc0000100 };

/* What a stub finds on its stack: pushed by the processor, but for the error code of vectors without one. */
struct frame { u64 error, rip, cs, flags, rsp, ss; };

bool has_error_code(unsigned vector)
{
    return 0x60227d00u >> vector & 1;
}

static u64 *register_of(struct kvm_regs *regs, struct frame *frame, int number)
{
    __u64 *in_order[8] = {&regs->rax, &regs->rcx, &regs->rdx, &regs->rbx, NULL, &regs->rbp, &regs->rsi, &regs->rdi};
    return number == 4 ? &frame->rsp : (u64 *)in_order[number];
}

static void set_fs_base(u64 base)
{
    struct kvm_sregs sregs;
    must(ioctl(machine.vcpu, KVM_GET_SREGS, &sregs), "KVM_GET_SREGS");
    sregs.fs.base = base;
    must(ioctl(machine.vcpu, KVM_SET_SREGS, &sregs), "KVM_SET_SREGS");
}

/* mov %cr2, %reg: where the last page fault was. */
static void read_cr2(struct kvm_regs *regs, struct frame *frame, int number)
{
    struct kvm_sregs sregs;
    must(ioctl(machine.vcpu, KVM_GET_SREGS, &sregs), "KVM_GET_SREGS");
    *register_of(regs, frame, number) = sregs.cr2;
    must(ioctl(machine.vcpu, KVM_SET_REGS, regs), "KVM_SET_REGS");
}

/* Does what a privileged instruction would; returns its length, or 0 if it is none that guests use. */
static unsigned emulate(struct frame *frame)
{
    const u8 *code = at(frame->rip);
    struct kvm_regs regs;
    must(ioctl(machine.vcpu, KVM_GET_REGS, &regs), "KVM_GET_REGS");
    if (code[0] == 0xfa || code[0] == 0xfb) return 1; /* cli, sti */
    if (code[0] == 0x8e) return 2;                    /* mov %reg, %segment */
    if (code[0] == 0x48 && code[1] == 0xcb) {         /* lretq: to where the stack says, which is no length */
        frame->rip = *(u64 *)at(frame->rsp);
        frame->rsp += 16;
        return UINT32_MAX;
    }
    if (code[0] != 0x0f) return 0;
    if (code[1] == 0x00) return 3;                    /* ltr, lldt */
    if (code[1] == 0x01 && (code[2] & 0xf0) == 0x10) {  /* lgdt, lidt (%reg) */
        u64 operand = *register_of(&regs, frame, code[2] & 7);
        if (code[2] & 8) memcpy(&guest.gates, at(operand + 2), sizeof guest.gates);
        return 3;
    }
    if (code[1] == 0x20 && (code[2] & 0xf8) == 0xd0) {  /* mov %cr2, %reg */
        read_cr2(&regs, frame, code[2] & 7);
        return 3;
    }
    if (code[1] == 0x30) {                            /* wrmsr */
        if ((u32)regs.rcx == FS_BASE) set_fs_base(regs.rdx << 32 | (u32)regs.rax);
        return 2;
    }
    return 0;
}

/* Lets the guest's own handler see the exception, as the processor would have. */
static bool reflect(struct frame *frame, unsigned vector)
{
    if (guest.gates == 0) return false;
    const u64 *gate = at(guest.gates + vector * 16);
    u64 *stack = at((frame->rsp - 128) & ~15ull); /* beyond the red zone */
    *--stack = frame->ss;
    *--stack = frame->rsp;
    *--stack = frame->flags;
    *--stack = frame->cs;
    *--stack = frame->rip;
    if (has_error_code(vector)) *--stack = frame->error;
    frame->rsp = (u64)((u8 *)stack - machine.memory);
    frame->rip = (gate[0] & 0xffff) | (gate[0] >> 32 & 0xffff0000) | gate[1] << 32;
    return true;
}

/* Returns whether the guest goes on. */
bool trap(unsigned vector)
{
    struct frame *frame = at(STACK_END - sizeof *frame);
    if (vector == GENERAL_PROTECTION) {
        unsigned length = emulate(frame);
        if (length != 0 && length != UINT32_MAX) frame->rip += length;
        if (length != 0) return true;
    }
    bool violates_rights = vector == PAGE_FAULT && (frame->error & PRESENT);
    if (!violates_rights && reflect(frame, vector)) return true;
    fprintf(stderr, "floor: exception %u at 0x%llx\n", vector, (unsigned long long)frame->rip);
    return false;
}
