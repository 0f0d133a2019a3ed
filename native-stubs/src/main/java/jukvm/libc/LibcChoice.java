package jukvm.libc;

import jukvm.error.ConfigException;

/** Picks the binding once per process, when it is first needed. */
final class LibcChoice {
    static final Libc CHOSEN = choose(System.getProperty("jukvm.native", "jna"));

    private LibcChoice() {}

    static Libc choose(String name) {
        return switch (name) {
            case "jna" -> new JnaLibc();
            case "jnr" -> jnr();
            default ->
                    throw new ConfigException(
                            "-Djukvm.native=" + name + ": unknown binding; use jna or jnr");
        };
    }

    private static Libc jnr() {
        try {
            return new JnrLibc();
        } catch (NoClassDefFoundError e) {
            throw new ConfigException(
                    "-Djukvm.native=jnr: jnr-ffi is not on the class path; add"
                            + " com.github.jnr:jnr-ffi");
        }
    }
}
