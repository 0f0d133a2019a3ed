package jukvm.abi;

import java.util.Map;
import jukvm.hypercall.Halt;
import jukvm.hypercall.Hypercall;
import jukvm.hypercall.Hypercalls;
import jukvm.hypercall.Puts;
import jukvm.memory.GuestMemory;
import org.jspecify.annotations.Nullable;

/**
 * The hypercalls of a guest that is of ukvm 0.2 or 0.3: its first call tells. A guest of 0.2 begins
 * by printing, at a port that 0.3 does not have; what begins with any other is of 0.3. One that
 * executes HLT without a call is of 0.2, since only those end so.
 */
final class FirstCallDecides implements Hypercalls {
    private static final int PUTS_0_2 = 0x499;

    private final Hypercalls ukvm02;
    private final Hypercalls ukvm03;
    private Hypercalls decided;
    private boolean isDecided;

    FirstCallDecides(Hypercalls ukvm02, Hypercalls ukvm03) {
        this.ukvm02 = ukvm02;
        this.ukvm03 = ukvm03;
        this.decided = ukvm02;
    }

    @Override
    public boolean call(int port, GuestMemory memory, long gpa) {
        if (!isDecided) {
            isDecided = true;
            decided = port == PUTS_0_2 ? ukvm02 : ukvm03;
        }
        return decided.call(port, memory, gpa);
    }

    @Override
    public boolean knows(int port) {
        return ukvm02.knows(port) || ukvm03.knows(port);
    }

    @Override
    public @Nullable Hypercall kind(int port) {
        return isDecided || ukvm02.knows(port) ? decided.kind(port) : ukvm03.kind(port);
    }

    @Override
    public String dialect() {
        return isDecided ? decided.dialect() : Dialect.UKVM.toString();
    }

    @Override
    public boolean endsByHlt() {
        return decided.endsByHlt();
    }

    @Override
    public Puts puts() {
        return decided.puts();
    }

    @Override
    public Halt halt() {
        return decided.halt();
    }

    @Override
    public long firstCallAt() {
        return decided.firstCallAt();
    }

    @Override
    public Map<Hypercall, Long> calls() {
        return decided.calls();
    }
}
