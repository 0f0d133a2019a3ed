/* Writes to its own code, which must end it. */
#include "guest.h"

/* Never called: a place in the text segment that nobody misses. */
__asm__(".pushsection .text.victim, \"ax\", @progbits\nvictim: nop\n.popsection");
extern volatile char victim[];

int guest_main(const struct boot *boot)
{
    (void)boot;
    print_text("writing to text\n");
    victim[0] = 0;
    print_text("FAILURE: text is writable\n");
    return 1;
}
