/* Checks waiting where there is nothing to wait for; a word forever makes it wait until the end of time instead. */
#include "guest.h"

static const uint64_t MILLISECOND = 1000000, SECOND = 1000000000;

/* Returns the nanoseconds spent. */
static uint64_t wait(const struct boot *boot, uint64_t timeout_ns)
{
    struct line line;
    uint64_t ready, start = clock_monotonic(boot);
    int ret = poll(timeout_ns, &ready);
    uint64_t waited = clock_monotonic(boot) - start;
    CHECK(ret == 0, "the result says that devices are ready", ret);
    CHECK(ready == 0, "the ready set is not empty", ready);
    line.used = 0;
    add_text(&line, "waited ");
    add_decimal(&line, waited);
    add_text(&line, " ns of ");
    add_decimal(&line, timeout_ns);
    add_text(&line, "\n");
    print(&line);
    return waited;
}

int guest_main(const struct boot *boot)
{
    announce("poll");
    if (has_word(command_line(boot), "forever")) {
        wait(boot, UINT64_MAX);
        fail(__LINE__, "the wait came to an end", 0);
    }
    uint64_t waited = wait(boot, 0);
    CHECK(waited < 100 * MILLISECOND, "a wait of nothing took long", waited);
    waited = wait(boot, 10 * MILLISECOND);
    CHECK(waited >= 10 * MILLISECOND, "woke too early", waited);
    CHECK(waited < SECOND, "woke too late", waited);
    return succeed();
}
