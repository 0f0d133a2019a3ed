/* Greets, repeats its command line, and exits with the status a word exit=N asks for. */
#include "guest.h"

int guest_main(const struct boot *boot)
{
    struct line line;
    const char *words = command_line(boot);
    int status = 0;

    line.used = 0;
    add_text(&line, "Hello from a jukvm guest (");
    add_text(&line, dialect);
    add_text(&line, ")\ncommand line: ");
    add_text(&line, words);
    add_text(&line, "\n");
    print(&line);
    number_word(words, "exit=", &status);
    return status;
}
