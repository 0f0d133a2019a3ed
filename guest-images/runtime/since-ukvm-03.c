/* What came with ukvm 0.3 (hvt 0.4) and is in hvt too: the TSC's frequency in the boot information, WALLTIME and HALT. */
#include "cpu.h"
#include "guest.h"

#ifdef ABI_VERSION
enum { WALLTIME = 0x501, HALT = 0x508 };
struct boot { uint64_t mem_size, kernel_end, tsc_freq; }; /* hvt.c has it whole */
#else
enum { WALLTIME = 0x501, HALT = 0x50a };
struct boot { uint64_t mem_size, kernel_end, cmdline, tsc_freq; };
_Static_assert(sizeof(struct boot) == 32, "boot information");
const char dialect[] = "ukvm 0.3";
#endif
struct halt { uint64_t cookie; int32_t exit_status; };

_Static_assert(sizeof(struct halt) == 16, "HALT");
_Static_assert(sizeof(struct abort_frame) == 512, "a monitor reads this much at the cookie");

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

uint64_t clock_monotonic(const struct boot *boot)
{
    if (boot->tsc_freq == 0) {
        print_text("ABORT: the monitor gave no TSC frequency\n");
        guest_abort(NULL);
    }
    return read_tsc_nsecs(boot->tsc_freq);
}

uint64_t clock_wall(const struct boot *boot)
{
    (void)boot;
    uint64_t nsecs = 0;
    hypercall(WALLTIME, &nsecs);
    return nsecs;
}
