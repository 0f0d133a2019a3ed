package jukvm.junit;

import java.util.List;
import java.util.Objects;

/** What the environment says must not be missing, so that a skipped test cannot pass for green. */
public final class Required {
    private Required() {}

    /**
     * Returns whether the environment variable {@code JUKVM_REQUIRE}, whose words are separated by
     * commas or blanks, names something.
     *
     * @param what such as {@code kvm}
     */
    public static boolean names(String what) {
        String required = Objects.requireNonNullElse(System.getenv("JUKVM_REQUIRE"), "");
        return List.of(required.split("[ ,]", -1)).contains(what);
    }
}
