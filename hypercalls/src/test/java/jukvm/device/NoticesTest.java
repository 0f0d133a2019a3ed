package jukvm.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class NoticesTest {
    private final List<String> lines = new ArrayList<>();
    private final Notices notices = new Notices(lines::add);

    private static void pastTheSecond() throws InterruptedException {
        long start = System.nanoTime();
        while (System.nanoTime() - start < 1_000_000_001L) {
            Thread.sleep(10);
        }
    }

    @Test
    void shouldTellLinesAsTheyAre() {
        notices.tell("first");
        notices.tell("");
        notices.close();
        assertEquals(List.of("first", ""), lines);
    }

    @Test
    void shouldTellNothingIfThereWasNothing() throws InterruptedException {
        pastTheSecond();
        notices.close();
        assertEquals(List.of(), lines);
    }

    @Test
    void shouldCountWhatComesTooFastAndTellTheCountAtTheEnd() {
        long start = System.nanoTime();
        for (int i = 0; i < 1000; i++) {
            notices.tell("line " + i);
        }
        notices.close();
        if (System.nanoTime() - start < 1_000_000_000L) {
            assertEquals(11, lines.size());
            assertEquals("line 9", lines.get(9));
            assertEquals("990 more lines about the guest's devices were left out", lines.get(10));
        }
        assertEquals(1000, accounted(), lines::toString);
        notices.close();
        assertEquals(1000, accounted(), lines::toString);
    }

    @Test
    void shouldTellTheCountBeforeTheFirstLineOfTheNextSecond() throws InterruptedException {
        long start = System.nanoTime();
        for (int i = 0; i < 12; i++) {
            notices.tell("a");
        }
        boolean isOneSecond = System.nanoTime() - start < 1_000_000_000L && lines.size() == 10;
        pastTheSecond();
        for (int i = 0; i < 10; i++) {
            notices.tell("b");
        }
        if (isOneSecond) {
            assertEquals("2 more lines about the guest's devices were left out", lines.get(10));
            assertEquals("b", lines.get(11));
        }
        notices.close();
        assertEquals(22, accounted(), lines::toString);
    }

    @RepeatedTest(5)
    void shouldLoseNoLineOfManyThreads() throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            Thread thread =
                    new Thread(
                            () -> {
                                for (int n = 0; n < 10_000; n++) {
                                    notices.tell("line");
                                }
                            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        notices.close();
        assertEquals(80_000, accounted(), lines::toString);
        assertTrue(lines.size() < 500, lines.size() + " lines");
    }

    private long accounted() {
        return lines.stream()
                .mapToLong(
                        line ->
                                line.endsWith(" were left out")
                                        ? Long.parseLong(line.substring(0, line.indexOf(' ')))
                                        : 1)
                .sum();
    }
}
