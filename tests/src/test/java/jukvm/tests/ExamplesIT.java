package jukvm.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import jukvm.examples.AgainAndAgain;
import jukvm.examples.Cancel;
import jukvm.examples.CustomDisk;
import jukvm.examples.Deadline;
import jukvm.examples.Hello;
import jukvm.examples.RequestResponse;
import jukvm.examples.ThousandGuests;
import jukvm.examples.TwoGuests;
import org.junit.jupiter.api.Test;

/** The examples do what they say. */
@RequiresKvm
final class ExamplesIT {
    /** The main method of an example. */
    private interface Main {
        void run(String[] args) throws Exception;
    }

    private static String output(Main example, String... args) throws Exception {
        PrintStream stdout = System.out;
        ByteArrayOutputStream caught = new ByteArrayOutputStream();
        System.setOut(new PrintStream(caught, true, StandardCharsets.UTF_8));
        try {
            example.run(args);
        } finally {
            System.setOut(stdout);
        }
        return caught.toString(StandardCharsets.UTF_8);
    }

    private static String guest(String name) {
        return Guests.prebuilt(name).toString();
    }

    @Test
    void shouldSayHello() throws Exception {
        assertEquals(
                "Hello from a jukvm guest (hvt 2)\ncommand line: Hello\nExited[status=0]\n",
                output(Hello::main, guest("hello.hvt")));
    }

    @Test
    void shouldConnectTwoGuests() throws Exception {
        String output = output(TwoGuests::main, guest("echo.hvt"));
        assertTrue(output.contains("\n100 sent, 100 received\n"), output);
        assertTrue(output.endsWith("\nExited[status=0]\n"), output);
    }

    @Test
    void shouldAnswerARequest() throws Exception {
        assertEquals(
                "Is there anybody?\nExited[status=0]\n",
                output(RequestResponse::main, guest("echo.hvt")));
    }

    @Test
    void shouldWriteToADiskInJava() throws Exception {
        assertEquals(
                """
                write 262144 bytes at 0
                write 262144 bytes at 262144
                write 262144 bytes at 524288
                write 262144 bytes at 786432
                Exited[status=0]
                """,
                output(CustomDisk::main, guest("block.hvt")));
    }

    @Test
    void shouldTellHowGuestsEnd() throws Exception {
        assertEquals(
                """
                ended by itself with status 0
                used up its 5 bytes of console output
                still ran after 100 ms
                used up its 50000000 ns of CPU time
                """,
                output(Deadline::main, guest("hello.hvt"), guest("spin.hvt")));
    }

    @Test
    void shouldRunAThousandGuests() throws Exception {
        assertEquals(
                "1000 ended well side by side\n1000 ended well by turns\n",
                output(ThousandGuests::main, guest("hello.hvt")));
    }

    @Test
    void shouldRunAgainAndAgain() throws Exception {
        assertEquals("OK\n", output(AgainAndAgain::main, guest("hello.hvt"), "100"));
    }

    @Test
    void shouldStopAGuest() throws Exception {
        assertEquals("spinning\nCancelled[]\n", output(Cancel::main, guest("spin.hvt")));
    }
}
