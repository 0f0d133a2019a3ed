package jukvm.sandbox;

import java.util.Locale;

/** What a control group bounds. */
enum Controller {
    MEMORY,
    PIDS,
    CPU;

    /** Returns it as the kernel spells it. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
