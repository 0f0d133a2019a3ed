package jukvm.abi;

import jukvm.call.Hypercall;
import jukvm.hypercall.GuestHypercalls;
import jukvm.hypercall.HypercallFacts;
import jukvm.hypercall.HypercallHandler;
import jukvm.memory.GuestMemory;
import org.jspecify.annotations.Nullable;

/** The hypercalls of a guest that is of ukvm 0.2 or 0.3: its first call tells. */
final class FirstCallDecides implements GuestHypercalls {
    private final GuestHypercalls ukvm02;
    private final GuestHypercalls ukvm03;
    private final HypercallFacts facts;
    private @Nullable GuestHypercalls decided;

    /** Decides between two tables of the same facts. */
    FirstCallDecides(GuestHypercalls ukvm02, GuestHypercalls ukvm03, HypercallFacts facts) {
        this.ukvm02 = ukvm02;
        this.ukvm03 = ukvm03;
        this.facts = facts;
    }

    private GuestHypercalls spokenBy(int port) {
        if (decided != null) {
            return decided;
        }
        return Dialect.UKVM.spokenBy(port) == Dialect.UKVM_0_2 ? ukvm02 : ukvm03;
    }

    @Override
    public boolean call(int port, GuestMemory memory, long gpa) {
        decided = spokenBy(port);
        return decided.call(port, memory, gpa);
    }

    @Override
    public @Nullable Hypercall kind(int port) {
        return spokenBy(port).kind(port);
    }

    @Override
    public @Nullable HypercallHandler handler(int port) {
        return spokenBy(port).handler(port);
    }

    @Override
    public boolean knows(int port) {
        return ukvm02.knows(port) || ukvm03.knows(port);
    }

    @Override
    public void answered(int port) {
        decided = spokenBy(port);
        decided.answered(port);
    }

    @Override
    public HypercallFacts facts() {
        return facts;
    }
}
