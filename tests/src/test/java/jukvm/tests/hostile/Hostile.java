package jukvm.tests.hostile;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import jukvm.guest.Outcome;
import jukvm.guest.PrivilegeMode;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.tests.support.Code;
import jukvm.tests.support.Patience;
import jukvm.tests.support.Run;
import jukvm.tests.support.TinyGuest;

/** A guest that misbehaves, and how it must end at each ring. */
final class Hostile {
    static final long MEMORY = 2L << 20;
    private static final Duration SHORT = Duration.ofMillis(150);

    /** An end that is right. */
    record End(String what, Predicate<Outcome> holds) {
        /** The guest ended itself. */
        static End status(int status) {
            return new End("status " + status, new Outcome.Exited(status)::equals);
        }

        /** The guest got to its end. */
        static End done() {
            return status(Code.DONE);
        }

        /** The guest's own handler got an exception: handlers halt with their vector. */
        static End caught(int vector) {
            return status(vector);
        }

        /** The guest was stopped, with a message that contains these. */
        static End fault(String... facts) {
            return new End(
                    "fault " + List.of(facts),
                    outcome ->
                            outcome instanceof Outcome.Faulted faulted
                                    && Stream.of(facts).allMatch(faulted.message()::contains));
        }

        /** The guest had no handler for its exception. */
        static End triple() {
            return fault("guest triple fault: an exception without a handler, rip=0x");
        }

        /** The guest broke the rights of a page. */
        static End violation(String... facts) {
            return fault(
                    Stream.concat(Stream.of("host/guest translation fault"), Stream.of(facts))
                            .toArray(String[]::new));
        }

        /** The guest ran until its time was up. */
        static End deadline() {
            return new End("deadline", Outcome.DeadlineExpired.class::isInstance);
        }

        /** One of several; where it is used, a comment says why there is more than one. */
        static End either(End... ends) {
            return new End(
                    "either " + List.of(ends),
                    outcome -> Stream.of(ends).anyMatch(end -> end.holds.test(outcome)));
        }

        @Override
        public String toString() {
            return what;
        }
    }

    /** A KVM that emulates ring 0 says so where it cannot. */
    static final End NOT_EMULATED =
            End.fault(
                    "KVM cannot emulate a guest instruction at ring 0", "use PrivilegeMode.RING_3");

    private final String name;
    private final Code code;
    private long memory = MEMORY;
    private Duration deadline = Run.LONG;
    private long consoleBytes;
    private boolean isLegacy;
    private boolean hasNic;
    private boolean hasRing = true;
    private final List<End> ring3 = new ArrayList<>();
    private final List<End> ring0 = new ArrayList<>();
    private final List<End> emulated = new ArrayList<>();

    private Hostile(String name, Code code) {
        this.name = name;
        this.code = code;
    }

    static Hostile guest(String name, Code code) {
        return new Hostile(name, code);
    }

    /** Sets the end at both rings. */
    Hostile ends(End end) {
        return at3(end).at0(end);
    }

    /** Sets the end at ring 3. */
    Hostile at3(End end) {
        ring3.add(end);
        return this;
    }

    /** Sets the end at ring 0. */
    Hostile at0(End end) {
        ring0.add(end);
        return this;
    }

    /** Sets the end at ring 0 where KVM emulates it, if it is another there. */
    Hostile emulated(End end) {
        emulated.add(end);
        return this;
    }

    /** Says that the guest goes on for ever. */
    Hostile runsUntilItsDeadline() {
        return mayRunUntilItsDeadline().ends(End.deadline());
    }

    /** Says that the guest may go on for ever. */
    Hostile mayRunUntilItsDeadline() {
        deadline = SHORT;
        return this;
    }

    /** Says that some emulators of a processor let it go on for ever, which is to be told soon. */
    Hostile mayNotEndWhereEmulated() {
        if (Patience.isNeeded()) {
            deadline = Duration.ofSeconds(5);
        }
        return this;
    }

    /** Makes it a guest of ukvm 0.2, to which low memory belongs. */
    Hostile legacy() {
        isLegacy = true;
        return this;
    }

    /** Makes it declare a network device. */
    Hostile withNic() {
        hasNic = true;
        return this;
    }

    /** Offers it no network ring. */
    Hostile withoutRing() {
        hasRing = false;
        return this;
    }

    Hostile memory(long bytes) {
        memory = bytes;
        return this;
    }

    Hostile prints(long bytes) {
        consoleBytes = bytes;
        return this;
    }

    /** Returns the rings it has an end for. */
    List<PrivilegeMode> rings() {
        return Stream.of(PrivilegeMode.RING_3, PrivilegeMode.RING_0)
                .filter(r -> !ends(r).isEmpty())
                .toList();
    }

    private List<End> ends(PrivilegeMode privilege) {
        return privilege == PrivilegeMode.RING_3 ? ring3 : ring0;
    }

    /** Returns the end that is right on this host. */
    End end(Monitor monitor, PrivilegeMode privilege) {
        boolean isEmulated =
                privilege == PrivilegeMode.RING_0 && !monitor.ring0Support().isNative();
        return isEmulated && !emulated.isEmpty() ? emulated.get(0) : ends(privilege).get(0);
    }

    /** Returns what it must have printed, in bytes. */
    long consoleBytes() {
        return consoleBytes;
    }

    Duration deadline() {
        return deadline;
    }

    // A ring takes the last 2 MiB.
    GuestSpec spec(PrivilegeMode privilege) {
        return GuestSpec.of(image())
                .memory(hasNic && hasRing ? memory + (2L << 20) : memory)
                .privilege(privilege)
                .netRing(hasRing)
                .deadline(deadline);
    }

    private GuestImage image() {
        if (hasNic) {
            return TinyGuest.withNic(name, code.bytes());
        }
        return isLegacy
                ? TinyGuest.legacy(name, code.bytes())
                : TinyGuest.image(name, code.bytes());
    }

    @Override
    public String toString() {
        return name;
    }
}
