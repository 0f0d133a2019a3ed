/*
 * Leaves traces of itself wherever a guest can, or looks for those of another guest that ran before in the same VM: in all memory it
 * was given; with the word vectors, in vector and x87 registers; with the word privileged, in registers that only level 0 can write.
 */
#include "guest.h"

static const uint64_t TRACE = 0x7472616365732121;
static const uint64_t PAGE = 4096, STACK = 65536;

enum { FS_BASE = 0xc0000100, KERNEL_GS_BASE = 0xc0000102, LSTAR = 0xc0000082 };
static const uint32_t MSRS[] = {KERNEL_GS_BASE, LSTAR};

static uint64_t stack_pointer(void)
{
    uint64_t rsp;
    __asm__("mov %%rsp, %0" : "=r"(rsp));
    return rsp;
}

static uint64_t read_msr(uint32_t index)
{
    uint32_t low, high;
    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(index));
    return (uint64_t)high << 32 | low;
}

static void write_msr(uint32_t index, uint64_t value)
{
    __asm__ volatile("wrmsr" : : "a"((uint32_t)value), "d"((uint32_t)(value >> 32)), "c"(index) : "memory");
}

static void leave_in_memory(void)
{
    uint64_t end = stack_pointer() - STACK;
    for (uint64_t page = (uint64_t)image_end; page + PAGE <= end; page += PAGE) {
        *(volatile uint64_t *)page = TRACE;
        *(volatile uint64_t *)(page + PAGE - 8) = TRACE;
    }
}

static void look_in_memory(void)
{
    uint64_t end = stack_pointer() - STACK;
    for (uint64_t page = (uint64_t)image_end; page + PAGE <= end; page += PAGE) {
        CHECK(*(volatile uint64_t *)page == 0, "memory is not zero at", page);
        CHECK(*(volatile uint64_t *)(page + PAGE - 8) == 0, "memory is not zero near the end of the page at", page);
    }
}

static void leave_in_vectors(void)
{
    uint32_t mxcsr = 0x7f80;
    uint16_t control = 0x0c7f;
    __asm__ volatile("movq %0, %%xmm0; punpcklqdq %%xmm0, %%xmm0\n\t"
                     "movaps %%xmm0, %%xmm1; movaps %%xmm0, %%xmm2; movaps %%xmm0, %%xmm3; movaps %%xmm0, %%xmm4\n\t"
                     "movaps %%xmm0, %%xmm5; movaps %%xmm0, %%xmm6; movaps %%xmm0, %%xmm7; movaps %%xmm0, %%xmm8\n\t"
                     "movaps %%xmm0, %%xmm9; movaps %%xmm0, %%xmm10; movaps %%xmm0, %%xmm11; movaps %%xmm0, %%xmm12\n\t"
                     "movaps %%xmm0, %%xmm13; movaps %%xmm0, %%xmm14; movaps %%xmm0, %%xmm15\n\t"
                     "fninit; fldpi; fldpi; fldpi; fldpi; fldpi; fldpi; fldpi; fldpi\n\t"
                     "ldmxcsr %1; fldcw %2"
                     : : "r"(TRACE), "m"(mxcsr), "m"(control));
}

/* What a VM starts with: all zero but the control words. Source: SDM volume 1, figure 10-2, FXSAVE. */
static void look_in_vectors(void)
{
    static uint8_t area[512] __attribute__((aligned(16)));
    __asm__ volatile("fxsave64 %0" : "=m"(area) : : "memory");
    CHECK(*(uint16_t *)area == 0x37f || *(uint16_t *)area == 0x40, "x87 control word", *(uint16_t *)area);
    CHECK(area[4] == 0, "x87 tag word", area[4]);
    CHECK(*(uint32_t *)(area + 24) == 0x1f80, "MXCSR", *(uint32_t *)(area + 24));
    for (unsigned at = 32; at < 416; at += 8)
        CHECK(*(uint64_t *)(area + at) == 0, "a vector or x87 register is not zero, at byte of FXSAVE", at);
}

static void leave_privileged(void)
{
    for (unsigned i = 0; i < sizeof MSRS / sizeof *MSRS; i++) write_msr(MSRS[i], 0x7472616365);
    __asm__ volatile("mov %0, %%dr0; mov %0, %%dr1; mov %0, %%dr2; mov %0, %%dr3" : : "r"(0x7472616365ul));
}

static void look_privileged(void)
{
    uint64_t dr0, dr3;
    for (unsigned i = 0; i < sizeof MSRS / sizeof *MSRS; i++)
        CHECK(read_msr(MSRS[i]) == 0, "a model-specific register is not zero", MSRS[i]);
    __asm__ volatile("mov %%dr0, %0; mov %%dr3, %1" : "=r"(dr0), "=r"(dr3));
    CHECK(dr0 == 0, "DR0", dr0);
    CHECK(dr3 == 0, "DR3", dr3);
}

int guest_main(const struct boot *boot)
{
    const char *words = command_line(boot);
    bool vectors = has_word(words, "vectors"), privileged = has_word(words, "privileged");
    if (has_word(words, "leave")) {
        write_msr(FS_BASE, 0x7472616365);
        leave_in_memory();
        if (privileged) leave_privileged();
        if (vectors) leave_in_vectors();
    } else {
        if (vectors) look_in_vectors();
        CHECK(read_msr(FS_BASE) == 0, "FS base", read_msr(FS_BASE));
        if (privileged) look_privileged();
        look_in_memory();
    }
    return succeed();
}
