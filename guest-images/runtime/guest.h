/*
 * What a guest may use, whichever dialect it is linked for. hvt.c and ukvm.c implement the first group, each for its own monitor;
 * the rest is shared. Nothing here is called unless the guest calls it, and what is not called is not linked.
 */
#ifndef GUEST_H
#define GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Boot information in the layout of the dialect; lives in memory the monitor wrote, possibly read-only. */
struct boot;

/* State of the CPU at an exception, as hvt monitors expect it behind the cookie of HALT: seven words at the start of 512 bytes. */
struct abort_frame {
    uint64_t cr2, error, rip, cs, rflags, rsp, ss;
    uint64_t unused[57];
};

/* Written by each guest. Its result is the exit status. */
int guest_main(const struct boot *boot);

/* Name and version of the dialect: "hvt 2" or "ukvm 0.2". */
extern const char dialect[];

const char *command_line(const struct boot *boot);
void console_write(const void *data, size_t size);

/* Ends the guest normally. ukvm 0.2 has no way to tell the status. */
_Noreturn void guest_exit(int status);

/* Ends the guest as failed: status 255 in hvt, which also gets the frame (or NULL). The caller prints the reason, with the word ABORT. */
_Noreturn void guest_abort(const struct abort_frame *frame);

/* Nanoseconds since some moment before the start of the guest. */
uint64_t clock_monotonic(const struct boot *boot);

/* Nanoseconds since 1970-01-01 UTC. */
uint64_t clock_wall(const struct boot *boot);

/* Gives the CPU away for the given nanoseconds; no device can end the wait early. */
void poll(uint64_t timeout_ns);

/* First address after the image, page-aligned. */
extern char image_end[];

/*
 * Text on its way to the console, collected so that it costs one hypercall. Start with used = 0. What does not fit is written
 * earlier, and what is longer than the whole buffer is written from where it lies. The size keeps it inside one stack page.
 */
struct line {
    size_t used;
    char bytes[2048];
};

void add_bytes(struct line *line, const void *data, size_t size);
void add_text(struct line *line, const char *text);
void add_decimal(struct line *line, uint64_t value);
void add_hex(struct line *line, uint64_t value); /* with the leading 0x */
void print(struct line *line);
void print_text(const char *text);

/* Words on a command line are separated by blanks. */
bool has_word(const char *line, const char *word);

/* Finds the first word that is the name followed by a decimal number that fits an int, e.g. name "exit=" and word "exit=-3". */
bool number_word(const char *line, const char *name, int *value);

/* Registers and the exception's own words, in the order traps.S and the CPU push them. The handler may change them. */
struct trap {
    uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax;
    uint64_t vector, error, rip, cs, rflags, rsp, ss;
};

/* Loads descriptor tables that lead every exception to the handler; when it returns, the guest goes on at trap->rip. */
void install_traps(void (*handler)(struct trap *trap));

/* True for the exceptions that bring an error code. */
bool has_error_code(uint64_t vector);

#endif
