/* Says so, then keeps the CPU for ever without leaving the guest. */
#include "guest.h"

int guest_main(const struct boot *boot)
{
    (void)boot;
    print_text("spinning\n");
    for (;;) {
    }
}
