package jukvm.monitor;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import jukvm.host.Layer;
import jukvm.sandbox.Sandbox;
import jukvm.sandbox.Seal;
import jukvm.sandbox.Use;

/**
 * What was taken from this process, whose guests are threads of it, so that who breaks out of one
 * finds a process that can do little. It is for good, and for all threads, those of the embedder's
 * too: no program is started any more, and of files and sockets only what was open goes on, unless
 * more is asked for. Thread-safe.
 *
 * <p>Open monitors, disks and interfaces before, and have run a guest. What else no longer works in
 * a JVM that was hardened is in docs/embedding.md. Guests of tenants that distrust each other
 * belong in processes all the same: {@link Isolation#PROCESS}.
 */
public final class Hardening {
    /** What the embedder's program goes on doing. */
    public enum Need {
        /** Write, make and remove files, as far as its user may; to read them needs nothing. */
        FILES(Use.WRITING, Use.FILES),

        /** Connect to peers and listen for them, by the Internet's sockets and Unix's. */
        SOCKETS(Use.SOCKETS);

        @SuppressWarnings("ImmutableEnumChecker") // A copy that nobody can change.
        private final List<Use> uses;

        Need(Use... uses) {
            this.uses = List.of(uses);
        }
    }

    private final Seal seal;

    private Hardening(Seal seal) {
        this.seal = seal;
    }

    /**
     * Hardens this process, as far as the host lets it: programs that it executes get no more
     * rights than it; it leaves no core file; nobody but root looks into it; and of the system
     * calls those pass that a JVM with guests needs, all others fail with EPERM. Nothing of it can
     * be taken back or added to: a second call reaches nothing, and says so.
     *
     * @param needs what the program is to go on doing
     * @return how far that went
     */
    public static Hardening apply(Need... needs) {
        return new Hardening(Sandbox.harden(uses(needs)));
    }

    /**
     * Refuses nothing but to start programs, and notes which other system calls {@link #apply}
     * would have refused from now on: {@link #wouldRefuse}. It is for finding out what a program
     * needs.
     *
     * @param needs as for {@link #apply}
     * @throws jukvm.error.HostException if the host has no memory or descriptors for it
     */
    public static Hardening log(Need... needs) {
        return new Hardening(Sandbox.log(uses(needs)));
    }

    private static Set<Use> uses(Need... needs) {
        Set<Use> uses = EnumSet.of(Use.GUESTS, Use.EMBEDDING);
        for (Need need : needs) {
            uses.addAll(need.uses);
        }
        return uses;
    }

    /** Returns what holds, in the order of {@link Layer}; {@link #missing} has the rest. */
    public Set<Layer> layers() {
        return seal.reached();
    }

    /** Returns why each of the other layers that were asked for does not hold, in one line. */
    public Map<Layer, String> missing() {
        return seal.missing();
    }

    /**
     * Returns the calls that would have been refused since this was asked last, how often each, by
     * the kernel's name of it; none unless they are logged.
     */
    public Map<String, Integer> wouldRefuse() {
        return seal.wouldRefuse();
    }
}
