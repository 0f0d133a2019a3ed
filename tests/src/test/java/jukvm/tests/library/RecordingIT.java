package jukvm.tests.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import jukvm.call.Hypercall;
import jukvm.device.Console;
import jukvm.guest.Outcome;
import jukvm.guest.PrivilegeMode;
import jukvm.guest.RunResult;
import jukvm.guest.Timeline;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestRun;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.tests.support.Code;
import jukvm.tests.support.Guests;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Run;
import jukvm.tests.support.TinyGuest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A recording of the JVM's flight recorder tells of every guest what its result tells. */
@RequiresKvm
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RecordingIT {
    private static final Duration NOT_REACHED = Duration.ofSeconds(Long.MIN_VALUE);

    // The recorder's clock is the time-stamp counter, ours the kernel's: some parts in a million
    // where the JVM has found its frequency well, and a part in a thousand at most.
    private static final long CLOCKS_DIFFER = 100_000;
    private static final long PART = 1000;

    private final Monitor monitor = Monitor.open();

    @TempDir private static Path folder;

    @AfterAll
    void close() {
        monitor.close();
    }

    private static GuestSpec guest(GuestImage image) {
        return GuestSpec.of(image)
                .memory(Run.MEMORY)
                .privilege(PrivilegeMode.RING_3)
                .deadline(Run.LONG);
    }

    private static GuestSpec guest(String name) {
        return guest(GuestImage.read(Guests.prebuilt(name)));
    }

    /** What a recording of one test holds of jukvm, by the name of the event. */
    private static final class Recorded implements AutoCloseable {
        private final Recording recording = new Recording();

        Recorded() {
            recording.start();
        }

        List<RecordedEvent> events(String name) throws IOException {
            Path file = folder.resolve(recording.getId() + "." + name + ".jfr");
            recording.dump(file);
            return RecordingFile.readAllEvents(file).stream()
                    .filter(event -> event.getEventType().getName().equals(name))
                    .sorted((a, b) -> a.getEndTime().compareTo(b.getEndTime()))
                    .toList();
        }

        RecordedEvent only(String name) throws IOException {
            return only(name, "");
        }

        RecordedEvent only(String name, String guest) throws IOException {
            List<RecordedEvent> events =
                    events(name).stream()
                            .filter(event -> event.getString("guest").endsWith(guest))
                            .toList();
            assertEquals(1, events.size(), name);
            return events.get(0);
        }

        @Override
        public void close() {
            recording.close();
        }
    }

    private static long nanos(RecordedEvent event, String field) {
        return event.getDuration(field).toNanos();
    }

    private static void assertEnd(RecordedEvent end, String outcome, int status, RunResult result) {
        assertEquals(outcome, end.getString("outcome"));
        assertEquals(status, end.getInt("status"));
        assertEquals(3, end.getInt("ring"));
        assertEquals(result.dialect().toString(), end.getString("dialect"));
        assertEquals(result.counters().exits(), end.getLong("exits"));
        assertEquals(result.counters().traps(), end.getLong("traps"));
        assertEquals(result.counters().consoleBytes(), end.getLong("consoleBytes"));
        assertEquals(result.counters().cpuNanos(), nanos(end, "cpu"));
        assertEquals(result.counters().waitedNanos(), nanos(end, "waited"));
        assertEquals(
                result.start() == RunResult.Start.COLD ? "cold" : "pooled",
                end.getString("startedOn"));
        long lasted = end.getDuration().toNanos();
        long least = result.timeline().bootToExit();
        assertTrue(lasted >= least - least / PART - CLOCKS_DIFFER, lasted + " of " + least);
    }

    @Test
    void shouldTellOfAGuestThatExited() throws IOException {
        try (Recorded recorded = new Recorded()) {
            RunResult result = Run.run(monitor, guest("hello.hvt").arguments("Hello"));
            RecordedEvent end = recorded.only("jukvm.End");
            assertEnd(end, "exited", 0, result);
            assertEquals("guest exited with status 0", end.getString("message"));
            assertEquals("jukvm-vcpu", end.getThread().getJavaName());
            assertEquals(2, end.getLong("hypercalls"));
            RecordedEvent start = recorded.only("jukvm.Start");
            assertEquals(end.getString("guest"), start.getString("guest"));
            assertTrue(start.getString("guest").endsWith("hello.hvt"));
            assertEquals(3, start.getInt("ring"));
            assertEquals(Run.MEMORY, start.getLong("memory"));
            assertPhases(start, result.timeline());
            assertTrue(!start.getEndTime().isAfter(end.getStartTime()), "one after the other");
            assertEquals(List.of(), recorded.events("jukvm.Hypercall"));
        }
    }

    private static void assertPhases(RecordedEvent start, Timeline t) {
        assertEquals(t.imageRead() - t.requested(), nanos(start, "imageRead"));
        assertEquals(t.vmReady() - t.imageRead(), nanos(start, "vmReady"));
        assertEquals(t.laidOut() - t.vmReady(), nanos(start, "laidOut"));
        assertEquals(t.entered() - t.laidOut(), nanos(start, "entered"));
        assertEquals(t.firstHypercall() - t.entered(), nanos(start, "firstHypercall"));
        assertEquals(t.firstConsoleByte() - t.entered(), nanos(start, "firstConsoleByte"));
        assertEquals(t.bootToExit(), nanos(start, "halted"));
        assertEquals(t.freed() - t.halted(), nanos(start, "freed"));
    }

    @Test
    void shouldTellWhyAGuestFaulted() throws IOException {
        try (Recorded recorded = new Recorded()) {
            RunResult result = Run.run(monitor, guest("write-text.hvt"));
            RecordedEvent end = recorded.only("jukvm.End");
            assertEnd(end, "faulted", 0, result);
            assertEquals(((Outcome.Faulted) result.outcome()).message(), end.getString("message"));
        }
    }

    @Test
    void shouldTellOfAnAbort() throws IOException {
        try (Recorded recorded = new Recorded()) {
            RunResult result = Run.run(monitor, guest("fault.hvt"));
            assertEnd(recorded.only("jukvm.End"), "aborted", Outcome.ABORT_STATUS, result);
        }
    }

    @Test
    void shouldTellOfADeadlineAndOfWhatWasNotReached() throws IOException {
        GuestImage spinning = TinyGuest.image("spinning", new Code().spin().bytes());
        try (Recorded recorded = new Recorded()) {
            RunResult result = Run.run(monitor, guest(spinning).deadline(Duration.ofSeconds(1)));
            RecordedEvent end = recorded.only("jukvm.End");
            assertEnd(end, "deadline", 0, result);
            assertEquals("guest stopped: its deadline of 1s expired", end.getString("message"));
            RecordedEvent start = recorded.only("jukvm.Start");
            assertEquals(NOT_REACHED, start.getDuration("firstHypercall"));
            assertEquals(NOT_REACHED, start.getDuration("firstConsoleByte"));
        }
    }

    @Test
    void shouldTellOfALimit() throws IOException {
        try (Recorded recorded = new Recorded()) {
            RunResult result = Run.run(monitor, guest("hello.hvt").consoleBytes(3));
            RecordedEvent end = recorded.only("jukvm.End");
            assertEnd(end, "limit", 0, result);
            assertEquals(result.outcome().message(), end.getString("message"));
        }
    }

    @Test
    void shouldTellOfAGuestThatNeverHadAVm() throws Exception {
        try (Recorded recorded = new Recorded()) {
            RunResult result = Run.neverBegun(monitor, guest("hello.hvt"));
            assertEquals(new Outcome.Cancelled(), result.outcome());
            RecordedEvent end = recorded.only("jukvm.End", "hello.hvt");
            assertEquals("cancelled", end.getString("outcome"));
            assertEquals("none", end.getString("startedOn"));
            assertEquals(Duration.ZERO, end.getDuration());
            assertEquals(1, recorded.events("jukvm.Start").size()); // Of the one before it.
        }
    }

    @Test
    void shouldTellOfWhatADeviceThrew() throws IOException {
        Console broken =
                bytes -> {
                    throw new IllegalStateException("no paper");
                };
        try (Recorded recorded = new Recorded()) {
            GuestSpec guest = guest("hello.hvt").console(broken);
            assertThrows(IllegalStateException.class, () -> monitor.run(guest));
            RecordedEvent end = recorded.only("jukvm.End");
            assertEquals("thrown", end.getString("outcome"));
            assertEquals("java.lang.IllegalStateException: no paper", end.getString("message"));
        }
    }

    @Test
    void shouldTellOfTheEndOfAGuestThatBeganBeforeTheRecording() throws Exception {
        GuestImage spinning = TinyGuest.image("before", new Code().spin().bytes());
        GuestRun run = monitor.start(guest(spinning));
        try (Recorded recorded = new Recorded()) {
            run.close();
            assertEquals("cancelled", recorded.only("jukvm.End").getString("outcome"));
        }
    }

    @Test
    void shouldTellOfEveryHypercallIfAskedTo() throws IOException {
        Code code =
                new Code()
                        .call(Code.WALLTIME, TinyGuest.SCRATCH)
                        .puts(TinyGuest.TEXT, 10)
                        .puts(TinyGuest.TEXT, 10)
                        .done();
        try (Recorded recorded = new Recorded()) {
            recorded.recording.enable("jukvm.Hypercall");
            RunResult result = Run.run(monitor, guest(TinyGuest.image("calls", code.bytes())));
            assertEquals(new Outcome.Exited(Code.DONE), result.outcome());
            List<RecordedEvent> calls = recorded.events("jukvm.Hypercall");
            assertEquals(
                    List.of("WALLTIME", "PUTS", "PUTS", "HALT"),
                    calls.stream().map(call -> call.getString("kind")).toList());
            assertEquals(
                    List.of(Code.WALLTIME, Code.PUTS, Code.PUTS, Code.HALT),
                    calls.stream().map(call -> call.getInt("port")).toList());
            for (RecordedEvent call : calls) {
                assertEquals("calls", call.getString("guest"));
                assertEquals("jukvm-vcpu", call.getThread().getJavaName());
            }
        }
    }

    @Test
    void shouldTellOfTheCallAGuestEndedByAndOfNoneThatIsNone() throws IOException {
        try (Recorded recorded = new Recorded()) {
            recorded.recording.enable("jukvm.Hypercall");
            byte[] outside = new Code().call(Code.PUTS, 0xfffffff0L).bytes();
            Run.run(monitor, guest(TinyGuest.image("outside", outside)));
            byte[] unknown = new Code().call(0x50b, TinyGuest.CALL).bytes();
            Run.run(monitor, guest(TinyGuest.image("unknown", unknown)));
            assertEquals(2, recorded.events("jukvm.End").size());
            assertEquals("outside", recorded.only("jukvm.Hypercall").getString("guest"));
        }
    }

    @Test
    void shouldKnowTheCallByWhichALegacyGuestWasTold() throws IOException {
        try (Recorded recorded = new Recorded()) {
            recorded.recording.enable("jukvm.Hypercall");
            RunResult result = Run.run(monitor, guest("hello.ukvm"));
            Map<Hypercall, Long> kinds =
                    recorded.events("jukvm.Hypercall").stream()
                            .collect(
                                    Collectors.groupingBy(
                                            call -> Hypercall.valueOf(call.getString("kind")),
                                            Collectors.counting()));
            assertEquals(result.counters().hypercalls(), kinds);
            assertEquals("ukvm 0.2", recorded.only("jukvm.End").getString("dialect"));
        }
    }
}
