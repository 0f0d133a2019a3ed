/*
 * Leaves traces of itself wherever a guest can, or looks for those of another guest that ran before in the same VM: in all memory it
 * was given and in FS base; with the word vectors, in vector and x87 registers; with the word moves, in those of them that a KVM which
 * emulates level 0 knows; with the word sweep, in every register that is there at its level. What a sweep finds is printed, for
 * whoever knows what a new VM has there.
 */
#include "guest.h"

static const uint64_t TRACE = 0x7472616365732121;
static const uint64_t PAGE = 4096, STACK = 65536;

enum { TIME_STAMP = 0x10, EFER = 0xc0000080, FS_BASE = 0xc0000100 };

/* Where there may be model-specific registers, from a number to before another. */
static const uint32_t RANGES[][2] = {
    {0, 0x2000}, {0x40000000, 0x40000200}, {0x4b564d00, 0x4b564d10}, {0xc0000000, 0xc0000400},
    {0xc0010000, 0xc0010400}, {0xc0011000, 0xc0011100},
};

/* Those that run on by themselves: the time-stamp counter and what is made of it. */
static const uint32_t RUNNING[] = {TIME_STAMP, 0xe7, 0xe8, 0x40000010, 0x40000020};

/* KVM's clocks, which the monitor ends a guest at level 3 for if it points them at what is not its own. */
static const uint32_t CLOCKS[] = {0x11, 0x12, 0x4b564d00, 0x4b564d01};

/* Hyper-V's, which Linux before 5.12 has for guests that it does not offer them to: a reset of the VM, and the report of a crash. */
static const uint32_t ENDING[] = {0x40000003, 0x40000105};

/* Most registers take one of these: bytes, a page, a range of pages, bits, one bit, all. */
static const uint64_t VALUES[] = {0x0606060606060606, 0x472616365000, 0x42345806, 0xc06, 1, ~0ul};

/* The area of XSAVE: as large as the processor's, in the layout that all of them know. */
static uint8_t area[8192] __attribute__((aligned(64)));

static volatile uint64_t go_on_at;
static volatile bool faulted;

static void trapped(struct trap *trap)
{
    faulted = true;
    trap->rip = go_on_at;
}

/* Executes one instruction, and notes in faulted whether it did. The rest are operands. */
#define TRY(instruction, ...) \
    do { \
        faulted = false; \
        __asm__ volatile("lea 9f(%%rip), %%r11\n\tmov %%r11, %0\n\t" instruction "\n9:" : "=m"(go_on_at), __VA_ARGS__ : "r11", "memory"); \
    } while (0)

static uint64_t stack_pointer(void)
{
    uint64_t rsp;
    __asm__("mov %%rsp, %0" : "=r"(rsp));
    return rsp;
}

static unsigned level(void)
{
    uint64_t selector;
    __asm__("mov %%cs, %0" : "=r"(selector));
    return selector & 3;
}

static uint64_t read_msr(uint32_t index)
{
    uint32_t low = 0, high = 0;
    TRY("rdmsr", "=a"(low), "=d"(high) : "c"(index));
    return (uint64_t)high << 32 | low;
}

static void write_msr(uint32_t index, uint64_t value)
{
    uint64_t unused;
    TRY("wrmsr", "=&r"(unused) : "a"((uint32_t)value), "d"((uint32_t)(value >> 32)), "c"(index));
}

static bool is_among(uint32_t index, const uint32_t *some, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (some[i] == index) return true;
    return false;
}
#define IS_AMONG(index, some) is_among(index, some, sizeof some / sizeof *some)

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

/* The state of a vector and x87 unit that the processor has: all of XCR0 but PKRU, which is none of a guest's. */
static uint32_t vector_states(void)
{
    uint32_t a = 1, b, c = 0, d;
    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    if (!(c >> 27 & 1)) return 0; /* OSXSAVE: whoever is level 0 has not switched it on */
    __asm__ volatile("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
    return a & 0xe7;
}

static void leave_in_vectors(void)
{
    uint32_t mxcsr = 0x7f80, states = vector_states();
    uint16_t control = 0x0c7f;
    if (states) {
        for (unsigned at = 0; at < sizeof area; at += 8) *(uint64_t *)(area + at) = at >= 576 ? TRACE : 0;
        *(uint64_t *)(area + 512) = states & ~3u;
        __asm__ volatile("xrstor64 %0" : : "m"(area), "a"(states & ~3u), "d"(0));
    }
    __asm__ volatile("movq %0, %%xmm0; punpcklqdq %%xmm0, %%xmm0\n\t"
                     "movaps %%xmm0, %%xmm1; movaps %%xmm0, %%xmm2; movaps %%xmm0, %%xmm3; movaps %%xmm0, %%xmm4\n\t"
                     "movaps %%xmm0, %%xmm5; movaps %%xmm0, %%xmm6; movaps %%xmm0, %%xmm7; movaps %%xmm0, %%xmm8\n\t"
                     "movaps %%xmm0, %%xmm9; movaps %%xmm0, %%xmm10; movaps %%xmm0, %%xmm11; movaps %%xmm0, %%xmm12\n\t"
                     "movaps %%xmm0, %%xmm13; movaps %%xmm0, %%xmm14; movaps %%xmm0, %%xmm15\n\t"
                     "fninit; fldpi; fldpi; fldpi; fldpi; fldpi; fldpi; fldpi; fldpi\n\t"
                     "ldmxcsr %1; fldcw %2"
                     : : "r"(TRACE), "m"(mxcsr), "m"(control));
}

/* What a VM starts with: all zero but the control words. Source: SDM volume 1, figure 10-2, FXSAVE, and section 13.4, XSAVE. */
static void look_in_vectors(void)
{
    uint32_t states = vector_states();
    if (states) __asm__ volatile("xsave64 %0" : "+m"(area) : "a"(states & ~3u), "d"(0));
    for (unsigned at = 576; at < sizeof area; at += 8)
        CHECK(*(uint64_t *)(area + at) == 0, "a wide vector register is not zero, at byte of XSAVE", at);
    __asm__ volatile("fxsave64 %0" : "=m"(area) : : "memory");
    CHECK(*(uint16_t *)area == 0x37f || *(uint16_t *)area == 0x40, "x87 control word", *(uint16_t *)area);
    CHECK(area[4] == 0, "x87 tag word", area[4]);
    CHECK(*(uint32_t *)(area + 24) == 0x1f80, "MXCSR", *(uint32_t *)(area + 24));
    for (unsigned at = 32; at < 416; at += 8)
        CHECK(*(uint64_t *)(area + at) == 0, "a vector or x87 register is not zero, at byte of FXSAVE", at);
}

/* The moves between memory and vector registers, which is all of SSE that KVM emulates. */
#define FOR_VECTORS(DO) \
    DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11) DO(12) DO(13) DO(14) DO(15)
#define LOAD(n) __asm__ volatile("movups %0, %%xmm" #n : : "m"(area[16 * n]), "m"(area));
#define STORE(n) __asm__ volatile("movups %%xmm" #n ", %0" : "=m"(area[16 * n]) : : "memory");

static void leave_by_moves(void)
{
    for (unsigned at = 0; at < 256; at += 8) *(volatile uint64_t *)(area + at) = TRACE;
    FOR_VECTORS(LOAD)
}

static void look_by_moves(void)
{
    FOR_VECTORS(STORE)
    for (unsigned at = 0; at < 256; at += 8)
        CHECK(*(volatile uint64_t *)(area + at) == 0, "a vector register is not zero, at byte", at);
}

static void leave_in_msr(uint32_t index)
{
    uint64_t before = read_msr(index);
    if (faulted || index == EFER || IS_AMONG(index, RUNNING) || IS_AMONG(index, ENDING)) return;
    if (level() == 3 && IS_AMONG(index, CLOCKS)) return;
    for (unsigned i = 0; i < sizeof VALUES / sizeof *VALUES; i++) {
        write_msr(index, VALUES[i]);
        if (!faulted && read_msr(index) != before) return;
    }
}

static void leave_everywhere(void)
{
    uint64_t unused;
    for (unsigned r = 0; r < sizeof RANGES / sizeof *RANGES; r++)
        for (uint32_t index = RANGES[r][0]; index < RANGES[r][1]; index++) leave_in_msr(index);
    TRY("mov %2, %%cr8", "=&r"(unused) : "r"(15ul));
    TRY("mov %2, %%cr2", "=&r"(unused) : "r"(TRACE));
    TRY("mov %2, %%dr0", "=&r"(unused) : "r"(TRACE >> 17));
    TRY("mov %2, %%dr1", "=&r"(unused) : "r"(TRACE >> 17));
    TRY("mov %2, %%dr2", "=&r"(unused) : "r"(TRACE >> 17));
    TRY("mov %2, %%dr3", "=&r"(unused) : "r"(TRACE >> 17));
    TRY("mov %2, %%dr6", "=&r"(unused) : "r"(0xffff0fful));
    TRY("mov %2, %%dr7", "=&r"(unused) : "r"(0xffff0400ul));
    TRY("mov %w2, %%es", "=&r"(unused) : "r"(level()));
    TRY("mov %w2, %%fs", "=&r"(unused) : "r"(level()));
    TRY("mov %w2, %%gs", "=&r"(unused) : "r"(level()));
}

static void tell(struct line *line, const char *name, uint64_t value)
{
    if (faulted) return;
    add_text(line, name);
    add_text(line, " ");
    add_hex(line, value);
    add_text(line, "\n");
}

#define TELL(name) \
    do { \
        uint64_t value = 0; \
        TRY("mov %%" name ", %1", "=r"(value) : "m"(area)); \
        tell(&line, name, value); \
    } while (0)

static void look_everywhere(void)
{
    struct line line = {.used = 0};
    TELL("cr0"); TELL("cr2"); TELL("cr4"); TELL("cr8");
    TELL("dr0"); TELL("dr1"); TELL("dr2"); TELL("dr3"); TELL("dr6"); TELL("dr7");
    TELL("es"); TELL("fs"); TELL("gs");
    for (unsigned r = 0; r < sizeof RANGES / sizeof *RANGES; r++)
        for (uint32_t index = RANGES[r][0]; index < RANGES[r][1]; index++) {
            uint64_t value = read_msr(index);
            if (faulted || IS_AMONG(index, RUNNING)) continue;
            add_text(&line, "msr ");
            add_hex(&line, index);
            tell(&line, "", value);
        }
    print(&line);
}

int guest_main(const struct boot *boot)
{
    const char *words = command_line(boot);
    bool vectors = has_word(words, "vectors"), moves = has_word(words, "moves"), sweep = has_word(words, "sweep");
    if (has_word(words, "leave")) {
        install_traps(trapped);
        write_msr(FS_BASE, 0x7472616365);
        leave_in_memory();
        if (sweep) leave_everywhere();
        if (moves) leave_by_moves();
        if (vectors) leave_in_vectors();
    } else {
        if (vectors) look_in_vectors();
        if (moves) look_by_moves();
        install_traps(trapped);
        CHECK(read_msr(FS_BASE) == 0, "FS base", read_msr(FS_BASE));
        if (sweep) look_everywhere();
        look_in_memory();
    }
    return succeed();
}
