/* What is of ukvm 0.2 alone: KVM's own clock, and an end without a hypercall. */
#include "cpu.h"
#include "guest.h"

/* Clock pages of KVM, filled by the host; linux/Documentation/virt/kvm/x86/msr.rst. A version is odd while the host writes. */
struct system_time {
    uint32_t version, pad;
    uint64_t tsc_timestamp, nsecs;
    uint32_t tsc_to_nsecs;
    int8_t tsc_shift;
    uint8_t flags, pad2[2];
};
struct wall_time { uint32_t version, secs, nsecs; };

_Static_assert(sizeof(struct system_time) == 32, "system time");

const char dialect[] = "ukvm 0.2";

/* This dialect has no call for the end: the monitor takes a halted CPU for it. */
static _Noreturn void halt(void)
{
    for (;;) __asm__ volatile("cli\n\thlt");
}

_Noreturn void guest_exit(int status)
{
    (void)status;
    halt();
}

_Noreturn void guest_abort(const struct abort_frame *frame)
{
    (void)frame;
    halt();
}

static void write_msr(uint32_t msr, const volatile void *page, uint32_t enable)
{
    uint64_t value = (uint64_t)page | enable;
    __asm__ volatile("wrmsr" : : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)) : "memory");
}

static volatile struct system_time system_time __attribute__((aligned(64)));
static volatile struct wall_time wall_time __attribute__((aligned(64)));

/* Asks KVM, on first use, to fill both clock pages. */
static void start_clock(void)
{
    static bool started;
    uint32_t eax = 0x40000001, ebx, ecx = 0, edx;
    if (started) return;
    __asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
    if (!(eax & (1 << 3 | 1 << 0))) {
        print_text("ABORT: the CPU offers no kvmclock\n");
        guest_abort(NULL);
    }
    bool current = eax & 1 << 3;
    write_msr(current ? 0x4b564d01 : 0x12, &system_time, 1);
    write_msr(current ? 0x4b564d00 : 0x11, &wall_time, 0);
    started = true;
}

/* No fences: the host changes the page only while this CPU is outside the guest. */
uint64_t clock_monotonic(const struct boot *boot)
{
    uint32_t version;
    uint64_t nsecs;
    (void)boot;
    start_clock();
    do {
        version = system_time.version;
        uint64_t ticks = read_tsc() - system_time.tsc_timestamp;
        int shift = system_time.tsc_shift;
        ticks = shift < 0 ? ticks >> -shift : ticks << shift;
        nsecs = system_time.nsecs + (uint64_t)((unsigned __int128)ticks * system_time.tsc_to_nsecs >> 32);
    } while (version & 1 || version != system_time.version);
    return nsecs;
}

uint64_t clock_wall(const struct boot *boot)
{
    uint32_t version;
    uint64_t start;
    uint64_t since_start = clock_monotonic(boot);
    do {
        version = wall_time.version;
        start = wall_time.secs * 1000000000ull + wall_time.nsecs;
    } while (version & 1 || version != wall_time.version);
    return start + since_start;
}
