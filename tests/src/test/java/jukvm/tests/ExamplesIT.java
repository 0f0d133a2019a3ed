package jukvm.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import jukvm.examples.Hello;
import org.junit.jupiter.api.Test;

/** The examples do what they say. */
@RequiresKvm
final class ExamplesIT {
    @Test
    void shouldSayHello() throws InterruptedException {
        PrintStream stdout = System.out;
        ByteArrayOutputStream caught = new ByteArrayOutputStream();
        System.setOut(new PrintStream(caught, true, StandardCharsets.UTF_8));
        try {
            Hello.main(new String[] {Guests.prebuilt("hello.hvt").toString()});
        } finally {
            System.setOut(stdout);
        }
        assertEquals(
                "Hello from a jukvm guest (hvt 2)\ncommand line: Hello\nExited[status=0]\n",
                caught.toString(StandardCharsets.UTF_8));
    }
}
