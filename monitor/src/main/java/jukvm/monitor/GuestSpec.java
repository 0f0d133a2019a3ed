package jukvm.monitor;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import jukvm.abi.DeviceType;
import jukvm.abi.Dialect;
import jukvm.device.BlockDevice;
import jukvm.device.Console;
import jukvm.device.NetDevice;
import jukvm.device.WallClock;
import jukvm.error.ConfigException;
import jukvm.guest.Outcome;
import jukvm.guest.PrivilegeMode;
import jukvm.guest.TracedCall;
import jukvm.image.GuestImage;
import jukvm.memory.ChargedMemory;
import jukvm.run.GuestSettings;
import jukvm.text.HostText;
import org.jspecify.annotations.Nullable;

/**
 * What a guest is to be like: its image, and everything that was said about it. Every setting has a
 * default. Each method returns another description, so one may be kept, varied and started any
 * number of times; of what it attaches, console and devices, several guests then use the same.
 *
 * <p>Immutable, but for those; thread-safe as they are.
 */
public final class GuestSpec {
    /** Guest memory is a multiple of this, in bytes. */
    public static final long MEMORY_UNIT = GuestSettings.MEMORY_UNIT;

    /** What a guest is given if nothing is said, in bytes, as solo5-hvt does. */
    public static final long DEFAULT_MEMORY = GuestSettings.DEFAULT_MEMORY;

    private final GuestSettings settings;

    private GuestSpec(GuestSettings settings) {
        this.settings = settings;
    }

    /** Describes a guest of an image. */
    public static GuestSpec of(GuestImage image) {
        return new GuestSpec(new GuestSettings(image, null));
    }

    /**
     * Describes a clone, which goes on where the snapshot was taken. Memory, arguments, ring and
     * dialect are the snapshot's; devices are attached by the same names.
     */
    public static GuestSpec of(Snapshot snapshot) {
        return new GuestSpec(new GuestSettings(snapshot.state().image(), snapshot.state()));
    }

    /**
     * Describes a run that was recorded, done again without devices: memory, arguments, ring,
     * dialect and devices are the recording's. The first thing that the guest does otherwise ends
     * the run by a {@link ConfigException} that shows both. A guest that was stopped when it was
     * recorded ends where that was, by {@link Outcome.Cancelled}. The recording stays the caller's
     * to close, when the run has ended.
     *
     * @throws ConfigException if the image is not the one that was recorded
     */
    public static GuestSpec of(Recording recording, GuestImage image) {
        recording.requireImage(image);
        return new GuestSpec(GuestSettings.of(image, recording.header(), recording.source()));
    }

    GuestSettings settings() {
        return settings;
    }

    /**
     * Sets the guest's memory in bytes, a multiple of {@link #MEMORY_UNIT}: there is no more for
     * it, whatever it does. A network ring is part of it.
     */
    public GuestSpec memory(long bytes) {
        settings.refuseIfGiven("memory");
        GuestSettings copy = settings.copy();
        copy.memory = bytes;
        return new GuestSpec(copy);
    }

    /**
     * Sets the guest's memory to some that another process answers for, for one run. It stays the
     * caller's to close.
     */
    @SuppressWarnings("exports") // For the modules of the library.
    public GuestSpec memory(ChargedMemory memory) {
        GuestSpec copy = memory(memory.size());
        copy.settings.charged = memory;
        return copy;
    }

    /**
     * Sets the guest's arguments, which reach it joined by single spaces: in UTF-8, and byte for
     * byte if they are of {@link HostText}.
     */
    public GuestSpec arguments(String... arguments) {
        settings.refuseIfGiven("the command line");
        GuestSettings copy = settings.copy();
        copy.commandLine = String.join(" ", arguments);
        return new GuestSpec(copy);
    }

    /** Sets where console output goes; it is discarded by default. */
    public GuestSpec console(Console console) {
        GuestSettings copy = settings.copy();
        copy.console = console;
        return new GuestSpec(copy);
    }

    /** Sets the wall clock the guest is told; the host's by default. */
    public GuestSpec clock(WallClock clock) {
        GuestSettings copy = settings.copy();
        copy.clock = clock;
        return new GuestSpec(copy);
    }

    /** Sets the ring the guest runs at. */
    public GuestSpec privilege(PrivilegeMode privilege) {
        settings.refuseIfGiven("the ring");
        GuestSettings copy = settings.copy();
        copy.privilege = privilege;
        return new GuestSpec(copy);
    }

    /**
     * Sets the generation of the guest contract, for an image that nothing marks: without it the
     * guest's first call decides.
     */
    public GuestSpec dialect(Dialect dialect) {
        settings.refuseIfGiven("the dialect");
        GuestSettings copy = settings.copy();
        copy.dialect = dialect;
        return new GuestSpec(copy);
    }

    /**
     * Attaches a block device to the name that the guest declares; to a guest before Solo5 0.6,
     * which declares none, its only one by any name. It stays the caller's to close.
     *
     * @throws ConfigException if the name is given twice
     */
    public GuestSpec block(String name, BlockDevice device) {
        settings.refuseInReplay("a device");
        GuestSettings copy = settings.copy();
        copy.devices.add(DeviceType.BLOCK_BASIC, name, device);
        return new GuestSpec(copy);
    }

    /**
     * Attaches a network device to the name that the guest declares; to a guest before Solo5 0.6,
     * which declares none, its only one by any name. It stays the caller's to close.
     *
     * @throws ConfigException if the name is given twice
     */
    public GuestSpec net(String name, NetDevice device) {
        settings.refuseInReplay("a device");
        GuestSettings copy = settings.copy();
        copy.devices.add(DeviceType.NET_BASIC, name, device);
        return new GuestSpec(copy);
    }

    /**
     * Sets whether a guest with a network device is offered the network ring of Solo5 0.11; a clone
     * has what the guest of its snapshot had. By default it is where that is faster: not at a ring
     * 0 that KVM emulates, where a guest that spins for an answer keeps the host from giving it. It
     * takes the last 2 MiB of memory, and is not offered to a guest that would have too little
     * left.
     */
    public GuestSpec netRing(boolean offered) {
        GuestSettings copy = settings.copy();
        copy.netRing = Optional.of(offered);
        return new GuestSpec(copy);
    }

    /**
     * Sets who is told, in a line each, of trouble with the guest's devices while it runs; a logger
     * by default. Called on the guest's threads, at most ten times a second; what it throws ends
     * the run.
     */
    public GuestSpec notices(Consumer<String> operator) {
        GuestSettings copy = settings.copy();
        copy.operator = operator;
        return new GuestSpec(copy);
    }

    /**
     * Sets who is told of each hypercall in words, once it is answered; nobody by default, which
     * costs nothing. Called on the guest's thread, which waits for it; what it throws ends the run.
     * Frames that pass by the network ring are no hypercalls; without {@link #netRing} all are.
     */
    public GuestSpec trace(Consumer<TracedCall> sink) {
        GuestSettings copy = settings.copy();
        copy.trace = sink;
        return new GuestSpec(copy);
    }

    /**
     * Sets what looks at intervals where the guest is; nothing by default, which costs nothing. A
     * look takes some ten microseconds of the guest's time.
     *
     * @throws ConfigException if it has a debugger, which stops it
     */
    public GuestSpec profile(Profiler profiler) {
        GuestSettings copy = settings.copy();
        copy.samples = profiler.samples();
        copy.requireOneObserver();
        return new GuestSpec(copy);
    }

    /**
     * Has the run recorded, for one that does all of it again. The guest's image must have its
     * code, but not its symbols: instructions that read the processor's clock are written over, so
     * that they can be answered alike. It is not offered a network ring. The recorder is for one
     * run and stays the caller's to close, once that has ended.
     *
     * @throws ConfigException if it is under a debugger, which changes it as nobody recorded, or
     *     goes on from a snapshot
     */
    public GuestSpec record(Recorder recorder) {
        settings.refuseToRecord();
        GuestSettings copy = settings.copy();
        copy.control = recorder.source();
        copy.isRecorded = true;
        copy.requireOneObserver();
        return new GuestSpec(copy);
    }

    /**
     * Sets where a core is written when the guest aborts, faults or is still running at its
     * deadline; nowhere by default. {@link #notices} is told its path, or why there is none. The
     * folder stays the caller's to close.
     */
    public GuestSpec coreDumps(CoreDumps folder) {
        GuestSettings copy = settings.copy();
        copy.cores = folder.files();
        return new GuestSpec(copy);
    }

    /**
     * Puts the guest under a debugger, which is for one run. The debugger stays the caller's to
     * close.
     *
     * @throws ConfigException if it is profiled, which would tell of the debugger
     */
    public GuestSpec debugger(Debugger debugger) {
        GuestSettings copy = settings.copy();
        copy.debugger = debugger.listener();
        copy.requireOneObserver();
        return new GuestSpec(copy);
    }

    /**
     * Sets how long the guest may take, from when the run was requested; it ends with {@link
     * Outcome.DeadlineExpired}.
     *
     * @throws ConfigException if it is not positive
     */
    public GuestSpec deadline(Duration deadline) {
        GuestSettings copy = settings.copy();
        copy.limits = settings.limits.withDeadline(deadline);
        return new GuestSpec(copy);
    }

    /**
     * Sets how much time the vCPU's thread may spend on a processor from when the guest is entered,
     * its devices' time on that thread included; it ends with {@link Outcome.LimitExceeded}, some
     * milliseconds over. The thread of a network ring is not counted.
     *
     * @throws ConfigException if it is not positive
     */
    public GuestSpec cpuTime(Duration time) {
        GuestSettings copy = settings.copy();
        copy.limits = settings.limits.withCpuTime(time);
        return new GuestSpec(copy);
    }

    /**
     * Sets how much of a processor's time the vCPU's thread may have, its devices' time on that
     * thread included: the guest waits, for some ten milliseconds each time, when it would have
     * more. From 1 on, as by default, it has what it gets. The thread of a network ring is not
     * counted.
     *
     * @throws ConfigException if it is not positive
     */
    public GuestSpec processors(double share) {
        if (!(share > 0)) {
            throw new ConfigException(share + " processors are not positive");
        }
        GuestSettings copy = settings.copy();
        copy.processors = share;
        return new GuestSpec(copy);
    }

    /**
     * Sets how much the guest may print, in bytes. So much reaches the console, no more, and it
     * ends with {@link Outcome.LimitExceeded}.
     *
     * @throws ConfigException if it is negative
     */
    public GuestSpec consoleBytes(long bytes) {
        GuestSettings copy = settings.copy();
        copy.limits = settings.limits.withConsole(bytes);
        return new GuestSpec(copy);
    }

    /**
     * Sets how many hypercalls the guest may make in a second; it ends with {@link
     * Outcome.LimitExceeded}. A guest that made none for a second may make all of them at once.
     * Frames that pass by the network ring make none, its kicks do.
     *
     * @throws ConfigException if it is not positive
     */
    public GuestSpec hypercallsPerSecond(long calls) {
        GuestSettings copy = settings.copy();
        copy.limits = settings.limits.withHypercalls(calls);
        return new GuestSpec(copy);
    }

    /**
     * Sets how much memory of the host the guest may make its own once it was entered, in bytes:
     * pages that it, or a device on its behalf, is the first to write, in memory or swapped out.
     * What it begins with does not count: its image, the template or snapshot that it shares with
     * other guests, and zeroes that it only reads (these do before Linux 6.7). It ends with {@link
     * Outcome.LimitExceeded}; or with {@link Outcome.HostError} where the host does not tell, as
     * without {@code /proc/self/pagemap}. It is looked at every 10 ms, so a guest can go over it
     * for so long, and never over {@link #memory}, which needs no looking.
     *
     * @throws ConfigException if it is not positive
     */
    public GuestSpec residentMemory(long bytes) {
        GuestSettings copy = settings.copy();
        copy.limits = settings.limits.withResident(bytes);
        return new GuestSpec(copy);
    }

    /**
     * Sets whose guest it is, by any word. With {@link Isolation#PROCESS}, guests of one tenant may
     * share a process, which is ready for the next, and never share one with another's; a guest of
     * no tenant has one for itself. With {@link Isolation#THREAD} it is refused, since nothing
     * would come of it.
     */
    public GuestSpec tenant(@Nullable String tenant) {
        GuestSettings copy = settings.copy();
        copy.tenant = tenant;
        return new GuestSpec(copy);
    }

    /**
     * Sets when the run was requested, by {@link System#nanoTime}; when it is called if not set.
     */
    public GuestSpec requestedAt(long nanoTime) {
        GuestSettings copy = settings.copy();
        copy.requestedAt = nanoTime;
        return new GuestSpec(copy);
    }
}
