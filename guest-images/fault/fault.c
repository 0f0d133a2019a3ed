/*
 * Raises an exception and handles it: a page fault, or what a word asks for (divide, invalid, breakpoint). The breakpoint handler
 * returns; the others abort.
 */
#include "guest.h"

enum { BREAKPOINT = 3, PAGE_FAULT = 14 };

static const char *const names[] = {
    "#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD", "#NM", "#DF", "vector 9", "#TS",
    "#NP", "#SS", "#GP", "#PF", "vector 15", "#MF", "#AC", "#MC", "#XM",
};
static struct abort_frame frame;

static uint64_t fault_address(void)
{
    uint64_t address;
    __asm__ volatile("mov %%cr2, %%rdi" : "=D"(address));
    return address;
}

static void on_trap(struct trap *trap)
{
    struct line line;
    const char *name = trap->vector < sizeof names / sizeof *names ? names[trap->vector] : "unnamed exception";
    uint64_t cr2 = trap->vector == PAGE_FAULT ? fault_address() : 0;

    line.used = 0;
    add_text(&line, "caught ");
    add_text(&line, name);
    add_text(&line, " at rip=");
    add_hex(&line, trap->rip);
    if (has_error_code(trap->vector)) {
        add_text(&line, " error=");
        add_hex(&line, trap->error);
    }
    if (trap->vector == PAGE_FAULT) {
        add_text(&line, " cr2=");
        add_hex(&line, cr2);
    }
    add_text(&line, "\n");
    if (trap->vector == BREAKPOINT) {
        print(&line);
        return;
    }
    add_text(&line, "ABORT: unhandled exception ");
    add_text(&line, name);
    add_text(&line, "\n");
    print(&line);
    frame = (struct abort_frame){
        .cr2 = cr2,
        .error = trap->error,
        .rip = trap->rip,
        .cs = trap->cs,
        .rflags = trap->rflags,
        .rsp = trap->rsp,
        .ss = trap->ss,
    };
    guest_abort(&frame);
}

static void raise(const char *words)
{
    if (has_word(words, "divide"))
        __asm__ volatile("div %0" : : "r"(0), "a"(1), "d"(0) : "cc");
    else if (has_word(words, "invalid"))
        __asm__ volatile("ud2");
    else if (has_word(words, "breakpoint"))
        __asm__ volatile("int3");
    else
        *(volatile uint32_t *)0x400000000 = 1;
}

int guest_main(const struct boot *boot)
{
    const char *words = command_line(boot);
    install_traps(on_trap);
    raise(words);
    if (has_word(words, "breakpoint")) {
        print_text("SUCCESS\n");
        return 0;
    }
    print_text("FAILURE: no exception was raised\n");
    return 1;
}
