package examples;

import static org.junit.jupiter.api.Assertions.assertTrue;

import jukvm.junit.Guest;
import jukvm.junit.Unikernel;
import org.junit.jupiter.api.Test;

/** Tests of guests, as an embedder writes them. */
final class UnikernelExampleTest {
    @Test
    @Unikernel(value = "hello.hvt", arguments = "Hello", expectStatus = 0, within = "5s")
    void shouldGreet(Guest guest) throws InterruptedException {
        guest.run();
        assertTrue(guest.console().startsWith("Hello from"));
    }

    @Test
    @Unikernel(value = "block.hvt", block = "storage=64KiB", expectConsole = "SUCCESS")
    void shouldStore() {}
}
