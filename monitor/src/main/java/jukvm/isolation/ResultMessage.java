package jukvm.isolation;

import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jukvm.abi.DeviceType;
import jukvm.abi.Dialect;
import jukvm.abi.PrivilegeLevel;
import jukvm.call.Hypercall;
import jukvm.call.TrapFrame;
import jukvm.device.AttachedBlock;
import jukvm.device.AttachedNet;
import jukvm.device.DeviceCounters;
import jukvm.guest.Counters;
import jukvm.guest.Limit;
import jukvm.guest.Outcome;
import jukvm.guest.OutcomeKind;
import jukvm.guest.Registers;
import jukvm.guest.RunResult;
import jukvm.guest.Timeline;
import jukvm.text.Printable;

/** How a guest ended, as its worker tells it. What is read is hostile. */
public final class ResultMessage {
    private static final int MOST_NAMES = 64;
    private static final int LONGEST_FRAME = 512;
    private static final int LONGEST_NAME = 1024;

    private ResultMessage() {}

    /** Writes it, without the phases that only the other side knows. */
    public static void write(ByteBuffer to, RunResult result) {
        writeOutcome(to, result.outcome());
        Timeline times = result.timeline();
        to.putLong(times.vmReady()).putLong(times.laidOut()).putLong(times.entered());
        to.putLong(times.firstHypercall()).putLong(times.firstConsoleByte());
        to.putLong(times.halted());
        writeCounters(to, result.counters());
        Message.put(to, result.privilege());
        Message.put(to, result.dialect());
        Message.put(to, result.start());
    }

    /**
     * Reads it.
     *
     * @param requested when the guest was asked for
     * @param imageRead when its image was read, or it was asked for if that was later
     */
    static RunResult read(ByteBuffer from, long requested, long imageRead) {
        Outcome outcome = readOutcome(from);
        long now = System.nanoTime();
        long[] times = new long[6];
        for (int i = 0; i < times.length; i++) {
            times[i] = from.getLong();
            if (times[i] != 0) {
                Message.within(times[i] - requested, 0, now - requested);
            }
        }
        Timeline timeline =
                new Timeline(
                        requested, imageRead, times[0], times[1], times[2], times[3], times[4],
                        times[5], now);
        Counters counters = readCounters(from);
        PrivilegeLevel privilege = Message.constant(from, PrivilegeLevel.class);
        Dialect dialect = Message.constant(from, Dialect.class);
        RunResult.Start start = Message.constant(from, RunResult.Start.class);
        Message.end(from);
        return new RunResult(outcome, timeline, counters, privilege, dialect, start);
    }

    private static void writeOutcome(ByteBuffer to, Outcome outcome) {
        Message.put(to, outcome.kind());
        if (outcome instanceof Outcome.Exited exited) {
            to.putInt(exited.status());
        } else if (outcome instanceof Outcome.Aborted aborted) {
            Message.put(to, aborted.frame().isPresent());
            aborted.frame().ifPresent(frame -> writeFrame(to, frame));
        } else if (outcome instanceof Outcome.Faulted fault) {
            writeFault(to, fault);
        } else if (outcome instanceof Outcome.LimitExceeded exceeded) {
            Message.put(to, exceeded.limit());
            to.putLong(exceeded.allowed());
        } else if (outcome instanceof Outcome.HostError error) {
            Message.put(to, error.message(), Message.LINE);
            to.putInt(error.errno());
        }
    }

    private static Outcome readOutcome(ByteBuffer from) {
        OutcomeKind kind = Message.constant(from, OutcomeKind.class);
        return switch (kind) {
            case EXITED -> new Outcome.Exited(from.getInt());
            case ABORTED ->
                    new Outcome.Aborted(
                            Message.isSo(from) ? Optional.of(readFrame(from)) : Optional.empty());
            case FAULTED -> readFault(from);
            case LIMIT ->
                    new Outcome.LimitExceeded(
                            Message.constant(from, Limit.class), Message.count(from));
            case CANCELLED -> new Outcome.Cancelled();
            case HOST_ERROR -> new Outcome.HostError(line(from), from.getInt());
            case DEADLINE, SNAPSHOT, WORKER_DIED, THROWN ->
                    throw new IllegalArgumentException("no guest in a worker ends as " + kind);
        };
    }

    // No terminal obeys what a worker says.
    private static String line(ByteBuffer from) {
        return Printable.of(Message.text(from, Message.LINE), Message.LINE);
    }

    private static void writeFrame(ByteBuffer to, TrapFrame frame) {
        to.putLong(frame.cr2()).putLong(frame.error()).putLong(frame.rip()).putLong(frame.cs());
        to.putLong(frame.rflags()).putLong(frame.rsp()).putLong(frame.ss());
    }

    private static TrapFrame readFrame(ByteBuffer from) {
        return new TrapFrame(
                from.getLong(),
                from.getLong(),
                from.getLong(),
                from.getLong(),
                from.getLong(),
                from.getLong(),
                from.getLong());
    }

    private static void writeFault(ByteBuffer to, Outcome.Faulted fault) {
        Message.put(to, fault.reason(), Message.LINE);
        Message.put(to, fault.message(), Message.LINE);
        Map<String, Long> registers = fault.registers().values();
        to.putInt(registers.size());
        for (Map.Entry<String, Long> register : registers.entrySet()) {
            Message.put(to, register.getKey(), Message.LINE);
            to.putLong(register.getValue());
        }
        Message.put(to, fault.code(), Message.LINE);
        int count = Math.min(fault.backtrace().size(), MOST_NAMES);
        to.putInt(count);
        for (String place : fault.backtrace().subList(0, count)) {
            Message.put(to, place, LONGEST_FRAME);
        }
    }

    private static Outcome.Faulted readFault(ByteBuffer from) {
        String reason = line(from);
        String message = line(from);
        Map<String, Long> registers = new LinkedHashMap<>();
        for (long left = Message.within(from.getInt(), 0, MOST_NAMES); left > 0; left--) {
            registers.put(line(from), from.getLong());
        }
        String code = line(from);
        String[] backtrace = new String[(int) Message.within(from.getInt(), 0, MOST_NAMES)];
        for (int i = 0; i < backtrace.length; i++) {
            backtrace[i] = Printable.of(Message.text(from, LONGEST_FRAME), LONGEST_FRAME);
        }
        return new Outcome.Faulted(
                reason, message, new Registers(registers), code, List.of(backtrace));
    }

    private static void writeCounters(ByteBuffer to, Counters counters) {
        to.putLong(counters.exits()).putLong(counters.traps());
        to.putLong(counters.consoleBytes()).putLong(counters.cpuNanos());
        to.putLong(counters.waitedNanos());
        to.putInt(counters.hypercalls().size());
        for (Map.Entry<Hypercall, Long> calls : counters.hypercalls().entrySet()) {
            Message.put(to, calls.getKey());
            to.putLong(calls.getValue());
        }
        to.putInt(counters.blocks().size());
        counters.blocks().forEach((name, of) -> writeBlock(to, name, of));
        to.putInt(counters.nets().size());
        counters.nets().forEach((name, of) -> writeNet(to, name, of));
    }

    private static Counters readCounters(ByteBuffer from) {
        long exits = Message.count(from);
        long traps = Message.count(from);
        long consoleBytes = Message.count(from);
        long cpuNanos = Message.count(from);
        long waitedNanos = Message.count(from);
        Map<Hypercall, Long> calls = new EnumMap<>(Hypercall.class);
        for (long left = Message.within(from.getInt(), 0, MOST_NAMES); left > 0; left--) {
            calls.put(Message.constant(from, Hypercall.class), Message.count(from));
        }
        Map<String, DeviceCounters> blocks = new LinkedHashMap<>();
        for (long left = Message.within(from.getInt(), 0, MOST_NAMES); left > 0; left--) {
            blocks.put(Message.text(from, LONGEST_NAME), readBlock(from));
        }
        Map<String, DeviceCounters> nets = new LinkedHashMap<>();
        for (long left = Message.within(from.getInt(), 0, MOST_NAMES); left > 0; left--) {
            nets.put(Message.text(from, LONGEST_NAME), readNet(from));
        }
        Map<DeviceType, Map<String, DeviceCounters>> devices = new EnumMap<>(DeviceType.class);
        devices.put(DeviceType.BLOCK_BASIC, blocks);
        devices.put(DeviceType.NET_BASIC, nets);
        return new Counters(exits, traps, calls, consoleBytes, cpuNanos, waitedNanos, devices);
    }

    private static void writeBlock(ByteBuffer to, String name, AttachedBlock.Counters of) {
        Message.put(to, name, LONGEST_NAME);
        to.putLong(of.reads()).putLong(of.writes()).putLong(of.bytesRead());
        to.putLong(of.bytesWritten()).putLong(of.errors());
    }

    private static AttachedBlock.Counters readBlock(ByteBuffer from) {
        return new AttachedBlock.Counters(
                Message.count(from),
                Message.count(from),
                Message.count(from),
                Message.count(from),
                Message.count(from),
                false);
    }

    private static void writeNet(ByteBuffer to, String name, AttachedNet.Counters of) {
        Message.put(to, name, LONGEST_NAME);
        to.putLong(of.framesRead()).putLong(of.bytesRead()).putLong(of.framesCut());
        to.putLong(of.framesWritten()).putLong(of.bytesWritten());
        to.putLong(of.framesDropped()).putLong(of.framesRefused());
    }

    private static AttachedNet.Counters readNet(ByteBuffer from) {
        return new AttachedNet.Counters(
                Message.count(from),
                Message.count(from),
                Message.count(from),
                Message.count(from),
                Message.count(from),
                Message.count(from),
                Message.count(from));
    }
}
