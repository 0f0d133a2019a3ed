package jukvm.libc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import jukvm.error.ConfigException;
import jukvm.testing.ChildJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LibcChoiceTest {
    @ParameterizedTest
    @ValueSource(strings = {"jna", "jnr"})
    void shouldChooseBindingByName(String name) {
        assertEquals(name, LibcChoice.choose(name).name());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "JNA", "panama", "jna "})
    void shouldNameTheBindingsThereAre(String name) {
        ConfigException e = assertThrows(ConfigException.class, () -> LibcChoice.choose(name));
        assertEquals(
                "-Djukvm.native=" + name + ": unknown binding; use jna or jnr", e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"jna", "jnr"})
    void shouldUseBindingOfTheProperty(String name) throws Exception {
        assertEquals(name, run(ChildJvm.of(name, Child.class, "get")));
    }

    @Test
    void shouldNameTheMissingLibrary() throws Exception {
        assertEquals(
                "-Djukvm.native=jnr: jnr-ffi is not on the class path; add com.github.jnr:jnr-ffi",
                run(ChildJvm.of("jna", entry -> !entry.contains("jnr"), Child.class, "jnr")));
    }

    private static String run(ProcessBuilder child) throws Exception {
        Process process = child.start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertEquals(0, process.waitFor());
        return output.strip();
    }

    /** Prints the name of the binding, or why there is none. */
    static final class Child {
        public static void main(String[] args) {
            try {
                Libc libc = args[0].equals("get") ? Libc.get() : LibcChoice.choose(args[0]);
                System.out.println(libc.name());
            } catch (ConfigException e) {
                System.out.println(e.getMessage());
            }
        }
    }
}
