package jukvm.tests.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jukvm.abi.Dialect;
import jukvm.device.Console;
import jukvm.error.ConfigException;
import jukvm.error.ImageException;
import jukvm.guest.Outcome;
import jukvm.guest.PrivilegeMode;
import jukvm.image.GuestImage;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What tells the dialects apart, and what each allows. */
@RequiresKvm
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class DialectIT {
    private static final long GIB = 1L << 30;
    private static final byte[] CLI_HLT = new Code().op("cli", "fa").op("hlt", "f4").bytes();

    private final Monitor monitor = Monitor.open();

    @AfterAll
    void close() {
        monitor.close();
    }

    private GuestSpec guest(GuestImage image) {
        return GuestSpec.of(image).memory(Run.MEMORY).deadline(Run.LONG);
    }

    private GuestSpec guest(String guest) {
        return guest(GuestImage.read(Guests.prebuilt(guest)));
    }

    private Run run(GuestSpec guest) {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        var result = Run.run(monitor, guest.console(Console.to(printed)));
        return new Run(result, printed.toString(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @CsvSource({
        "hello.ukvm, ukvm 0.2", // By PUTS, each at a port of its own.
        "hello.v03.ukvm, ukvm 0.3",
        "time.ukvm, ukvm 0.2",
        "time.v03.ukvm, ukvm 0.3" // By WALLTIME.
    })
    void shouldTellUnmarkedGuestsApartByTheirFirstCall(String guest, String dialect) {
        GuestImage image = GuestImage.read(Guests.prebuilt(guest));
        assertEquals(Dialect.UKVM, image.dialect());
        for (PrivilegeMode privilege :
                new PrivilegeMode[] {PrivilegeMode.RING_0, PrivilegeMode.RING_3}) {
            Run run = run(guest(image).privilege(privilege));
            assertEquals(dialect, run.result().dialect().toString());
            assertEquals(new Outcome.Exited(0), run.result().outcome());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "hello.ukvm, UKVM_0_2",
        "hello.v03.ukvm, UKVM_0_3",
        "hello.v1.hvt, HVT_1",
        "hello.hvt, HVT_2"
    })
    void shouldRunAGuestInTheDialectThatItIsSaidToSpeak(String guest, Dialect dialect) {
        Run run = run(guest(guest).dialect(dialect).arguments("Hello"));
        assertEquals(
                "Hello from a jukvm guest (" + dialect + ")\ncommand line: Hello\n", run.console());
        assertEquals(dialect, run.result().dialect());
    }

    @ParameterizedTest
    @CsvSource({
        "hello.ukvm, UKVM_0_3, port=0x499, RING_0",
        "hello.ukvm, UKVM_0_3, port=0x499, RING_3",
        "hello.v03.ukvm, UKVM_0_2, hypercall: num=2, RING_0",
        "hello.v03.ukvm, UKVM_0_2, hypercall: num=2, RING_3",
        "time.v03.ukvm, UKVM_0_2, hypercall: num=1, RING_3"
    })
    void shouldSayWhichCallAForcedDialectLacks(
            String guest, Dialect forced, String call, PrivilegeMode privilege) {
        Run run = run(guest(guest).dialect(forced).privilege(privilege));
        Outcome.Faulted fault = assertInstanceOf(Outcome.Faulted.class, run.result().outcome());
        assertTrue(fault.message().contains(call), fault.message());
        assertTrue(fault.message().contains("rip=0x"), fault.message());
        assertEquals(forced, run.result().dialect());
        assertEquals("", run.console());
    }

    @ParameterizedTest
    @EnumSource(
            value = PrivilegeMode.class,
            names = {"RING_0", "RING_3"})
    void shouldTakeHltForTheEndInUkvm02Alone(PrivilegeMode privilege) {
        GuestImage image = TinyGuest.legacy("cli; hlt", CLI_HLT);
        for (Dialect dialect : new Dialect[] {Dialect.UKVM, Dialect.UKVM_0_2}) {
            Run run = run(guest(image).dialect(dialect).privilege(privilege));
            assertEquals(new Outcome.Exited(0), run.result().outcome());
            assertEquals(dialect, run.result().dialect());
        }
        assertHltRefused(guest(image).dialect(Dialect.UKVM_0_3).privilege(privilege));
        GuestImage marked = TinyGuest.image("cli; hlt", CLI_HLT);
        assertHltRefused(guest(marked).privilege(privilege));
        assertHltRefused(guest(marked).dialect(Dialect.HVT_1).privilege(privilege));
    }

    private void assertHltRefused(GuestSpec guest) {
        Outcome outcome = run(guest).result().outcome();
        Outcome.Faulted fault = assertInstanceOf(Outcome.Faulted.class, outcome);
        assertTrue(
                fault.message().startsWith("guest executed HLT, which its dialect lacks"),
                fault.message());
    }

    // It writes an instruction into its own segment and executes it, on a stack below 1 MiB.
    private static byte[] includeOs(int gpa, int putsPort) {
        Code code =
                new Code()
                        .set(Code.RSP, 0xa0000)
                        .store(gpa + 0x7f8, 0xc3)
                        .set(Code.RAX, gpa + 0x7f8)
                        .op("call *%rax", "ff d0")
                        .store(gpa + 0x7f0, '!')
                        .store(TinyGuest.CALL, gpa + 0x7f0)
                        .store(TinyGuest.CALL + 8, 1)
                        .call(putsPort, TinyGuest.CALL);
        return putsPort == 0x499
                ? code.raw(CLI_HLT).bytes()
                : code.store(TinyGuest.CALL, 0)
                        .store(TinyGuest.CALL + 8, 0)
                        .call(0x50a, TinyGuest.CALL)
                        .bytes();
    }

    @ParameterizedTest
    @CsvSource({
        "a01000, UKVM_0_2, RING_3",
        "a01000, UKVM_0_2, RING_0",
        "a01000, UKVM_0_3, RING_3",
        "a01000, UKVM_0_3, RING_0",
        "a00000, UKVM, RING_3",
        "a01000, UKVM, RING_3",
        "412345, UKVM_0_3, RING_3",
        "412345, UKVM_0_3, RING_0"
    })
    void shouldRunGuestsLinkedAsIncludeOsDoes(
            String place, Dialect dialect, PrivilegeMode privilege) {
        int gpa = Integer.parseInt(place, 16);
        byte[] code = includeOs(gpa, dialect == Dialect.UKVM_0_3 ? Code.PUTS : 0x499);
        GuestImage image = TinyGuest.includeOs("os", gpa, code);
        assertEquals(List.of("segment 0 requests WRITE and EXEC permissions"), image.warnings());
        Run run = run(guest(image).dialect(dialect).privilege(privilege));
        assertEquals(new Outcome.Exited(0), run.result().outcome());
        assertEquals("!", run.console());
    }

    @Test
    void shouldNotRunAnUnmarkedProgramThatIsElsewhereUnlessToldWhatItIs() {
        GuestImage image = TinyGuest.includeOs("program", 0x400000, CLI_HLT);
        ImageException e = assertThrows(ImageException.class, () -> monitor.check(guest(image)));
        assertTrue(e.getMessage().contains("not a Solo5 unikernel, unless GuestSpec.dialect"));
        run(guest(image).dialect(Dialect.UKVM_0_2));
    }

    // A guest of 0.3 that has made a call is one of 0.3, and its HLT no end.
    @Test
    void shouldRefuseHltOnceACallHasTold() {
        byte[] code = new Code().call(Code.WALLTIME, TinyGuest.CALL).raw(CLI_HLT).bytes();
        assertHltRefused(guest(TinyGuest.legacy("walltime; cli; hlt", code)));
    }

    // kvmclock: the guest writes two MSRs, and KVM the time into its memory.
    @ParameterizedTest
    @EnumSource(
            value = PrivilegeMode.class,
            names = {"RING_0", "RING_3"})
    void shouldTellTheTimeThroughKvmclock(PrivilegeMode privilege) {
        Instant before = Instant.now().minusSeconds(1);
        Run run = run(guest("time.ukvm").privilege(privilege));
        Instant after = Instant.now().plusSeconds(1);
        assertTrue(run.console().endsWith("SUCCESS\n"), run.console());
        Matcher wall = Pattern.compile("wall (\\d+)\n").matcher(run.console());
        assertTrue(wall.find(), run.console());
        Instant told = Instant.EPOCH.plus(Duration.ofNanos(Long.parseLong(wall.group(1))));
        assertTrue(told.isAfter(before) && told.isBefore(after), before + " " + told);
    }

    @ParameterizedTest
    @CsvSource({
        "hello.hvt, UKVM_0_2",
        "hello.hvt, UKVM",
        "hello.v1.hvt, UKVM_0_3",
        "hello.ukvm, HVT_2",
        "hello.v03.ukvm, HVT_1"
    })
    void shouldRefuseADialectOfTheOtherGeneration(String guest, Dialect forced) {
        GuestSpec refused = guest(guest).dialect(forced);
        ConfigException refusal = assertThrows(ConfigException.class, () -> monitor.check(refused));
        assertTrue(refusal.getMessage().contains("cannot run as '" + forced + "'"));
    }

    @ParameterizedTest
    @CsvSource({"hello.hvt, 4", "hello.v1.hvt, 1", "hello.v03.ukvm, 1", "hello.ukvm, 1"})
    void shouldGiveAGuestAsMuchMemoryAsItsDialectCanSay(String guest, long gibibytes) {
        long max = gibibytes * GIB;
        for (PrivilegeMode privilege :
                new PrivilegeMode[] {PrivilegeMode.RING_0, PrivilegeMode.RING_3}) {
            Run run = run(guest(guest).memory(max).privilege(privilege));
            assertEquals(new Outcome.Exited(0), run.result().outcome());
        }
        GuestSpec tooMuch = guest(guest).memory(max + GuestSpec.MEMORY_UNIT);
        ConfigException refusal = assertThrows(ConfigException.class, () -> monitor.check(tooMuch));
        assertTrue(
                refusal.getMessage().contains("exceeds the " + gibibytes * 1024 + " MiB"),
                refusal.getMessage());
    }
}
