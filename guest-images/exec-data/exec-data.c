/* Calls an instruction that lies outside the text, which must end it: in data, or as a word asks in rodata or in the heap. */
#include "guest.h"

enum { RET = 0xc3 };

/* Were it not volatile, the compiler could move it to .rodata, as nothing writes to it. */
static volatile unsigned char data[] = {RET};
static const unsigned char rodata[] = {RET};

static void attempt(const char *where, const volatile unsigned char *code)
{
    struct line line;
    line.used = 0;
    add_text(&line, "executing ");
    add_text(&line, where);
    add_text(&line, "\n");
    print(&line);
    ((void (*)(void))(uintptr_t)code)();
    add_text(&line, "FAILURE: ");
    add_text(&line, where);
    add_text(&line, " is executable\n");
    print(&line);
}

int guest_main(const struct boot *boot)
{
    const char *words = command_line(boot);
    if (has_word(words, "rodata")) {
        attempt("rodata", rodata);
    } else if (has_word(words, "heap")) {
        volatile unsigned char *heap = (volatile unsigned char *)image_end;
        heap[0] = RET;
        attempt("heap", heap);
    } else {
        attempt("data", data);
    }
    return 1;
}
