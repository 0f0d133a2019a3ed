/* Checks both clocks and the wait. */
#include "guest.h"

static const uint64_t MILLISECOND = 1000000, SECOND = 1000000000;
static const uint64_t YEAR_2017 = 1483228800ull * 1000000000;

static void print_value(const char *name, uint64_t value)
{
    struct line line;
    line.used = 0;
    add_text(&line, name);
    add_decimal(&line, value);
    add_text(&line, "\n");
    print(&line);
}

/* A clock may stand still for an instant; for this many readings it may not. */
static bool advances(const struct boot *boot)
{
    uint64_t start = clock_monotonic(boot), last = start;
    for (int i = 0; i < 1000; i++) {
        uint64_t now = clock_monotonic(boot);
        if (now < last) return false;
        last = now;
    }
    return last > start;
}

/* Returns what went wrong, or NULL. */
static const char *check(const struct boot *boot)
{
    uint64_t wall = clock_wall(boot), ready;
    print_value("wall ", wall);
    if (wall < YEAR_2017) return "FAILURE: the wall clock is before 2017\n";
    if (!advances(boot)) return "FAILURE: the monotonic clock does not advance\n";
    poll(0, &ready);
    uint64_t start = clock_monotonic(boot);
    poll(20 * MILLISECOND, &ready);
    uint64_t slept = clock_monotonic(boot) - start;
    print_value("slept ", slept);
    if (slept < 20 * MILLISECOND) return "FAILURE: woke too early\n";
    if (slept >= SECOND) return "FAILURE: woke too late\n";
    if (clock_wall(boot) < wall + 20 * MILLISECOND) return "FAILURE: the wall clock did not follow\n";
    return NULL;
}

int guest_main(const struct boot *boot)
{
    const char *wrong = check(boot);
    print_text(wrong ? wrong : "SUCCESS\n");
    return wrong != NULL;
}
