/* The hvt dialect, ABI version 2. */
#include "cpu.h"
#include "guest.h"

enum { WALLTIME = 0x501, PUTS = 0x502, POLL = 0x503, HALT = 0x508 };

struct boot {
    uint64_t mem_size, kernel_end, cpu_cycle_freq, cmdline, mft;
    uint32_t host_features, guest_features;
    uint64_t net_ring;
};
struct puts { uint64_t data, len; };
struct poll { uint64_t timeout_ns, ready_set; int32_t ret; };
struct halt { uint64_t cookie; int32_t exit_status; };

_Static_assert(sizeof(struct boot) == 56, "boot information");
_Static_assert(sizeof(struct poll) == 24, "POLL");
_Static_assert(sizeof(struct halt) == 16, "HALT");
_Static_assert(sizeof(struct abort_frame) == 512, "a monitor reads this much at the cookie");

const char dialect[] = "hvt 2";

const char *command_line(const struct boot *boot)
{
    return (const char *)boot->cmdline;
}

void console_write(const void *data, size_t size)
{
    struct puts puts = {(uint64_t)data, size};
    hypercall(PUTS, &puts);
}

static _Noreturn void halt(const void *cookie, int status)
{
    struct halt halt = {(uint64_t)cookie, status};
    hypercall(HALT, &halt);
    __builtin_trap();
}

_Noreturn void guest_exit(int status)
{
    halt(NULL, status);
}

_Noreturn void guest_abort(const struct abort_frame *frame)
{
    halt(frame, 255);
}

/* The product needs 128 bits; the compiler would call a library for the division. */
uint64_t clock_monotonic(const struct boot *boot)
{
    uint64_t value = read_tsc(), high;
    if (boot->cpu_cycle_freq == 0) {
        print_text("ABORT: the monitor gave no TSC frequency\n");
        guest_abort(NULL);
    }
    __asm__("mulq %2\n\tdivq %3"
            : "+a"(value), "=&d"(high)
            : "r"((uint64_t)1000000000), "r"(boot->cpu_cycle_freq)
            : "cc");
    return value;
}

uint64_t clock_wall(const struct boot *boot)
{
    (void)boot;
    uint64_t nsecs = 0;
    hypercall(WALLTIME, &nsecs);
    return nsecs;
}

void poll(uint64_t timeout_ns)
{
    struct poll poll = {.timeout_ns = timeout_ns};
    hypercall(POLL, &poll);
}
