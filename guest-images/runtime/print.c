#include "guest.h"

/* String instructions, not loops: where guests are emulated, instructions are what costs. */
static size_t length(const char *text)
{
    const char *end = text;
    size_t left = SIZE_MAX;
    __asm__ volatile("repne scasb" : "+D"(end), "+c"(left) : "a"(0) : "cc", "memory");
    return (size_t)(end - text) - 1;
}

void print(struct line *line)
{
    if (line->used) console_write(line->bytes, line->used);
    line->used = 0;
}

void print_text(const char *text)
{
    console_write(text, length(text));
}

void add_bytes(struct line *line, const void *data, size_t size)
{
    if (size > sizeof line->bytes - line->used) print(line);
    if (size > sizeof line->bytes) {
        console_write(data, size);
        return;
    }
    memcpy(line->bytes + line->used, data, size);
    line->used += size;
}

void add_text(struct line *line, const char *text)
{
    add_bytes(line, text, length(text));
}

static void add_number(struct line *line, uint64_t value, unsigned base)
{
    char digits[20], *first = digits + sizeof digits;
    do {
        *--first = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    add_bytes(line, first, (size_t)(digits + sizeof digits - first));
}

void add_decimal(struct line *line, uint64_t value)
{
    add_number(line, value, 10);
}

void add_hex(struct line *line, uint64_t value)
{
    add_text(line, "0x");
    add_number(line, value, 16);
}

void announce(const char *name)
{
    struct line line;
    line.used = 0;
    add_text(&line, name);
    add_text(&line, " (");
    add_text(&line, dialect);
    add_text(&line, ")\n");
    print(&line);
}

int succeed(void)
{
    print_text("SUCCESS\n");
    return 0;
}

_Noreturn void fail(int number, const char *what, uint64_t value)
{
    struct line line;
    line.used = 0;
    add_text(&line, "FAILURE: line ");
    add_decimal(&line, (uint64_t)number);
    add_text(&line, ": ");
    add_text(&line, what);
    add_text(&line, ": ");
    if ((int64_t)value < 0 && value != 1ull << 63) {
        add_text(&line, "-");
        value = -value;
    }
    add_decimal(&line, value);
    add_text(&line, "\n");
    print(&line);
    guest_exit(1);
}
