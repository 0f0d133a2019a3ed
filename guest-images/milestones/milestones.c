/*
 * Reads the wall clock again and again, and notes when each fifth of that is done, but for the last: in a table that is too short
 * by one. A bug to be found: at the end what lies behind the table is wrong, and nothing tells any more who wrote there.
 */
#include "guest.h"

enum { PARTS = 5 };

static struct {
    uint64_t at[PARTS - 2];
    volatile uint64_t calls;
} work;

static __attribute__((noinline)) void note(int part, uint64_t now)
{
    work.at[part - 1] = now;
}

int guest_main(const struct boot *boot)
{
    int calls = 1000;
    number_word(command_line(boot), "calls=", &calls);
    int each = calls / PARTS;
    CHECK(each > 0, "too few calls", calls);
    work.calls = (uint64_t)calls;
    for (int i = 1; i <= calls; i++) {
        uint64_t now = clock_wall(boot);
        if (i % each == 0 && i / each < PARTS) note(i / each, now);
    }
    CHECK(work.calls == (uint64_t)calls, "lost count of the calls", work.calls);
    return succeed();
}
