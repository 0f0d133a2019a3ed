package jukvm.replay;

import java.io.OutputStream;
import java.security.SecureRandom;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import jukvm.abi.PrivilegeLevel;
import jukvm.call.Hypercall;
import jukvm.error.GuestException;
import jukvm.error.HostException;
import jukvm.guest.Outcome;
import jukvm.guest.OutcomeKind;
import jukvm.hypercall.GuestHypercalls;
import jukvm.kvm.KvmVcpu;
import jukvm.memory.GuestMemory;
import jukvm.x86.CpuidTable;
import jukvm.x86.ParavirtualClock;
import jukvm.x86.RewrittenCode;
import org.jspecify.annotations.Nullable;

/** Writes a run down: all that its guest asked for, and what it was answered. */
public final class RunRecorder extends RunControl {
    private static final long NANOS = 1_000_000_000;
    private static final String OUT_OF_CONTROL =
            "recording: at ring 0 code that the guest makes itself reads the processor's clock"
                    + " unseen; such a guest may not be replayed alike";

    private final AtomicBoolean isUsed;
    private final RecordingWriter writer;
    private final SecureRandom random = new SecureRandom();
    private @Nullable ControlledGuest controlled;
    private @Nullable AccessLog log;
    private long tscHz;
    private long enteredAt;
    private long lastTime;

    private RunRecorder(OutputStream out, AtomicBoolean isUsed, RewrittenCode code) {
        super(code);
        this.isUsed = isUsed;
        this.writer = new RecordingWriter(out);
    }

    /** Returns what records one run to a stream, which stays the caller's to close. */
    public static Source to(OutputStream out) {
        AtomicBoolean isUsed = new AtomicBoolean();
        return code -> new RunRecorder(out, isUsed, code);
    }

    @Override
    public long tscHz(long hosts) {
        return hosts;
    }

    @Override
    CpuidTable begun(ControlledGuest guest, KvmVcpu vcpu) {
        if (isUsed.getAndSet(true)) {
            throw new IllegalStateException("a recording is of one run");
        }
        if (guest.privilege() == PrivilegeLevel.RING_0) {
            guest.operator().accept(OUT_OF_CONTROL);
        }
        CpuidTable cpuid = CpuidTable.predictable(vcpu.cpuid());
        GuestMemory memory = guest.vm().memory();
        controlled = guest;
        log = new AccessLog(memory);
        tscHz = guest.vm().tscHz();
        enteredAt = System.nanoTime();
        writer.begin(
                new RecordingHeader(
                        guest.image().name(),
                        guest.image().sha256(),
                        guest.dialect(),
                        guest.privilege(),
                        memory.size(),
                        tscHz,
                        guest.commandLine(),
                        RecordingHeader.attached(guest.devices()),
                        cpuid));
        return cpuid;
    }

    private ControlledGuest guest() {
        return Objects.requireNonNull(controlled);
    }

    @Override
    public boolean call(int port, GuestMemory in, long gpa) {
        GuestHypercalls answering = guest().calls();
        AccessLog seen = Objects.requireNonNull(log);
        if (answering.kind(port) == Hypercall.POLL) {
            writer.flush(); // It may wait for long, and what was is safe meanwhile.
        }
        seen.begin();
        try {
            boolean goesOn = answering.call(port, in, gpa);
            put(port, gpa, goesOn ? RecordingFormat.GOES_ON : RecordingFormat.ENDS, "", seen);
            return goesOn;
        } catch (GuestException e) {
            put(port, gpa, RecordingFormat.FAULTS, String.valueOf(e.getMessage()), seen);
            throw e;
        } finally {
            seen.end();
        }
    }

    private void put(int port, long gpa, int result, String fault, AccessLog seen) {
        if (seen.toldAtMost() > RecordingFormat.MAX_TOLD) {
            writer.fail("a request for " + seen.toldAtMost() + " bytes is too long to be recorded");
        }
        seen.end();
        if (writer.isOver()) {
            return;
        }
        ByteSink event = writer.event();
        event.u8(RecordingFormat.CALL);
        event.u8(result);
        event.number(port);
        event.number(gpa);
        seen.putPassed(event);
        seen.putTold(event);
        if (result == RecordingFormat.FAULTS) {
            event.string(fault.substring(0, Math.min(fault.length(), RecordingFormat.MAX_FAULT)));
        }
        writer.put();
    }

    @Override
    public long timeStamp() {
        long time = Math.max(lastTime + 1, ticks(nanos()));
        writer.event().u8(RecordingFormat.TIME);
        writer.event().signed(time - lastTime);
        lastTime = time;
        writer.put();
        return time;
    }

    // So that the counter is the same clock as KVM's would be, and begins with the guest.
    private long ticks(long nanos) {
        return nanos / NANOS * tscHz + nanos % NANOS * tscHz / NANOS;
    }

    private long nanos() {
        return System.nanoTime() - enteredAt;
    }

    @Override
    public long random() {
        long number = random.nextLong();
        writer.event().u8(RecordingFormat.RANDOM);
        writer.event().u64(number);
        writer.put();
        return number;
    }

    @Override
    public boolean keepClock(int msr, long value) {
        GuestMemory memory = guest().vm().memory();
        byte[] bytes = new byte[0];
        if (ParavirtualClock.isSystemTime(msr)) {
            if ((value & 1) != 0) {
                long nanos = nanos();
                bytes = ParavirtualClock.systemTime(ticks(nanos), nanos, tscHz);
                memory.writable(value & ~1L, bytes.length).put(bytes);
            }
        } else {
            bytes =
                    ParavirtualClock.wallClock(
                            guest().devices().clock().nanosSinceEpoch() - nanos());
            memory.writable(value, bytes.length).put(bytes);
        }
        ByteSink event = writer.event();
        event.u8(RecordingFormat.CLOCK);
        event.number(Integer.toUnsignedLong(msr));
        event.number(value);
        event.bytes(bytes);
        writer.put();
        return true;
    }

    @Override
    public void ended(Outcome outcome) {
        boolean isOwnEnd = isOwnEnd(outcome.kind());
        String digest = "";
        try {
            digest = isOwnEnd ? MemoryDigest.of(guest().vm().memory()) : digest;
        } catch (HostException e) {
            guest().operator().accept("recording: without a digest of memory: " + e.getMessage());
        }
        ByteSink event = writer.event();
        event.u8(RecordingFormat.END);
        event.string(outcome.kind().toString());
        event.string(outcome.message());
        event.signed(outcome.exitStatus().orElse(0));
        event.string(digest);
        writer.end();
        if (!writer.failure().isEmpty()) {
            guest().operator().accept("recording: is not complete: " + writer.failure());
        }
    }

    /** Returns whether a guest that ended so ended by itself, at a place that is known. */
    static boolean isOwnEnd(OutcomeKind kind) {
        return switch (kind) {
            case EXITED, ABORTED, FAULTED -> true;
            default -> false;
        };
    }
}
