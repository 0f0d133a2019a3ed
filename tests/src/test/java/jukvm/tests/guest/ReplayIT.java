package jukvm.tests.guest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import jukvm.device.Console;
import jukvm.guest.Outcome;
import jukvm.guest.PrivilegeMode;
import jukvm.guest.RunResult;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestRun;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.monitor.Recorder;
import jukvm.monitor.Recording;
import jukvm.tests.guest.GuestCase.End;
import jukvm.tests.support.Guests;
import jukvm.tests.support.Patience;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Run;
import jukvm.tests.support.Soak;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every guest in every dialect at both rings, recorded once and replayed: output, counts, end and
 * memory are the same each time. As a soak it is 100 times, or as often as half a second is enough
 * for, where exits are slow; {@code -Djukvm.soak.replays} says how often whatever time that takes.
 */
@RequiresKvm
@Soak
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ReplayIT {
    private static final int FEWEST = 2;
    private static final @Nullable Integer ASKED = Integer.getInteger("jukvm.soak.replays");
    private static final int TIMES = Soak.LONG ? ASKED == null ? 100 : ASKED : FEWEST;
    private static final long ENOUGH =
            ASKED == null ? TimeUnit.MILLISECONDS.toNanos(500) : Long.MAX_VALUE;

    @TempDir private Path folder = Path.of("");

    private final Monitor monitor = Monitor.open();
    private final boolean ring0IsEmulated = !monitor.ring0Support().isNative();

    @AfterAll
    void close() {
        monitor.close();
    }

    Stream<Arguments> cases() {
        List<Arguments> cases = new ArrayList<>();
        for (GuestCase one : Soak.LONG ? GuestCase.ALL : GuestCase.oneOfEachGuest()) {
            for (String suffix : List.of("hvt", "v1.hvt", "v03.ukvm", "ukvm")) {
                if (!one.isForHvtAlone() || !suffix.endsWith("ukvm")) {
                    String file = one.guest() + "." + suffix;
                    cases.add(Arguments.of(PrivilegeMode.RING_3, one, file));
                    cases.add(Arguments.of(PrivilegeMode.RING_0, one, file));
                }
            }
        }
        return cases.stream();
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @MethodSource("cases")
    void shouldDoAgainWhatTheGuestDid(PrivilegeMode privilege, GuestCase one, String file)
            throws Exception {
        GuestImage image = GuestImage.read(Guests.prebuilt(file));
        Path recorded = folder.resolve("recording");
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        RunResult first = record(privilege, one, image, recorded, printed);
        try (Recording recording = Recording.open(recorded)) {
            long start = System.nanoTime();
            for (int i = 0; i < TIMES; i++) {
                if (i >= FEWEST && System.nanoTime() - start > ENOUGH) {
                    break;
                }
                ByteArrayOutputStream again = new ByteArrayOutputStream();
                GuestSpec guest =
                        GuestSpec.of(recording, image)
                                .console(Console.to(again))
                                .deadline(Run.LONG);
                RunResult second = monitor.run(guest);
                assertArrayEquals(printed.toByteArray(), again.toByteArray(), again::toString);
                assertEquals(first.outcome(), second.outcome());
                assertEquals(first.counters().hypercalls(), second.counters().hypercalls());
                assertEquals(first.dialect(), second.dialect());
                assertEquals(first.privilege(), second.privilege());
            }
        } finally {
            Files.delete(recorded);
        }
    }

    private RunResult record(
            PrivilegeMode privilege,
            GuestCase one,
            GuestImage image,
            Path to,
            ByteArrayOutputStream printed)
            throws Exception {
        boolean isSlow = privilege == PrivilegeMode.RING_0 && ring0IsEmulated;
        Path file = Path.of(image.name());
        boolean fewer = isSlow || Soak.LONG || Patience.isNeeded();
        Fixture.Place place = new Fixture.Place(monitor, file, privilege, fewer);
        try (Fixture fixture = one.devices().apply(place);
                Recorder recorder = Recorder.to(to)) {
            CompletableFuture<GuestRun> running = new CompletableFuture<>();
            Console console = Console.to(printed);
            GuestSpec guest =
                    GuestSpec.of(image)
                            .memory(Run.MEMORY)
                            .privilege(privilege)
                            .deadline(Run.LONG)
                            .arguments(one.words(place.times()))
                            .record(recorder)
                            .console(
                                    bytes -> {
                                        console.write(bytes);
                                        if (isToStop(one, printed)) {
                                            running.join().cancel();
                                        }
                                    });
            GuestRun run = monitor.start(fixture.attach(guest));
            running.complete(run);
            RunResult result = run.await();
            boolean isBeyond = isSlow && one.isBeyondEmulation();
            assertTrue(isBeyond || text(printed).contains(one.console()), text(printed));
            if (result.outcome().equals(new Outcome.Exited(0)) && !isBeyond) {
                fixture.check();
            }
            return result;
        }
    }

    private static boolean isToStop(GuestCase one, ByteArrayOutputStream printed) {
        return one.end() == End.STOPPED && text(printed).contains(one.console());
    }

    private static String text(ByteArrayOutputStream printed) {
        return printed.toString(StandardCharsets.UTF_8);
    }
}
