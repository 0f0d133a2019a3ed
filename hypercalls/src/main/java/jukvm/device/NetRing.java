package jukvm.device;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jukvm.error.GuestException;
import jukvm.memory.GuestMemory;
import org.jspecify.annotations.Nullable;

/**
 * The network ring of a guest: frames in and out without a hypercall each. Source: Solo5 0.12.1
 * include/hvt_ring.h; 0.13 as to where it lies.
 *
 * <pre>
 * ent_tail u32 @0, com_head u32 @4       written by the guest
 * ent_head u32 @64, com_tail u32 @68, needs_kick u32 @72       written by the monitor
 * submissions @128, 1024 of 32 bytes: op u32 @0, handle u32 @4, data u64 @8, len u32 @16, id u32 @20
 * completions @32896, 1024 of 16 bytes: id u32 @0, ret i32 @4, len u32 @8
 * </pre>
 *
 * <p>All of it is the guest's to overwrite. So the monitor's own indexes are kept here and only
 * told to the guest; of the guest's, only its tail is read, once for each pass; and a tail that is
 * more than a ring ahead ends the guest.
 *
 * <p>Thread-safe: the vCPU's thread serves it, and another beside it.
 */
public final class NetRing {
    /** Bytes kept for it at the end of the guest's memory, after what the guest is told it has. */
    public static final long RESERVED = 2L << 20;

    // What a guest keeps for its heap and stack at least, or it does not start. Source: Solo5
    // 0.12.1 bindings/mem.c.
    private static final long LEAST_HEAP = 512 << 10;

    /** The port whose write tells that submissions wait. */
    public static final int KICK_PORT = 0x600;

    static final int SIZE = 0xc080;
    static final int ENT_TAIL = 0;
    static final int ENT_HEAD = 64;
    static final int COM_TAIL = 68;
    static final int NEEDS_KICK = 72;
    static final int SUBMISSIONS = 128;
    static final int SUBMISSION_SIZE = 32;
    static final int OP = 0;
    static final int HANDLE = 4;
    static final int DATA = 8;
    static final int LEN = 16;
    static final int ID = 20;
    static final int COMPLETIONS = 32896;
    static final int COMPLETION_SIZE = 16;
    static final int DONE_ID = 0;
    static final int DONE_RET = 4;
    static final int DONE_LEN = 8;
    static final int ENTRIES = 1024;
    static final int OP_NET_WRITE = 1;
    static final int OP_NET_READ = 2;

    // The guest waits for room when the ring is full: so often is it told of some.
    private static final int TELL_EVERY = 64;

    private static final VarHandle U32 =
            MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private final long gpa;
    private volatile int entHead; // Changed under the lock.
    private int comTail;
    private long submissions;
    private final Runnable server;

    /**
     * How far a ring is that has nothing waiting, for another guest to go on from.
     *
     * @param served how many submissions were, as the free-running index that the guest is told
     * @param completed how many of them were completed, likewise
     */
    public record State(int served, int completed) {}

    /** One thread's view of the ring and of the guest's memory. */
    public static final class View {
        private final GuestMemory memory;
        private final ByteBuffer ring;

        private View(GuestMemory memory, long gpa) {
            this.memory = memory;
            this.ring = memory.owned(gpa, SIZE);
        }

        private int acquire(int offset) {
            return (int) U32.getAcquire(ring, offset);
        }

        private void release(int offset, int value) {
            U32.setRelease(ring, offset, value);
        }
    }

    /**
     * Makes a ring.
     *
     * @param gpa guest-physical address of its first byte, the end of the guest's own memory
     * @param server run at each kick, on the vCPU's thread, to serve the ring
     */
    public NetRing(long gpa, Runnable server) {
        this(gpa, server, new State(0, 0));
    }

    /**
     * Makes a ring in the last 2 MiB of a guest's memory. The guest's own memory ends there, at a
     * multiple of 2 MiB, which some guests need.
     *
     * @param memory of the guest in bytes, a multiple of 2 MiB
     * @param server as in {@link #NetRing(long, Runnable)}
     */
    public static NetRing atEndOf(long memory, Runnable server) {
        return goingOn(memory, server, new State(0, 0));
    }

    /** Returns the guest-physical address of a ring in so much memory. */
    public static long placeIn(long memory) {
        return memory - RESERVED;
    }

    /** Makes a ring in the same place that goes on from where another was. */
    public static NetRing goingOn(long memory, Runnable server, State from) {
        return new NetRing(placeIn(memory), server, from);
    }

    /**
     * Returns whether a guest has room for a ring. Where it has none it is not offered one, and
     * runs with hypercalls alone.
     *
     * @param memory of the guest in bytes
     * @param imageEnd guest-physical address after its image
     */
    public static boolean fits(long memory, long imageEnd) {
        return memory >= 2 * RESERVED && imageEnd <= memory - RESERVED - LEAST_HEAP;
    }

    NetRing(long gpa, Runnable server, State from) {
        this.gpa = gpa;
        this.server = server;
        this.entHead = from.served();
        this.comTail = from.completed();
    }

    /** Returns the guest-physical address of its first byte. */
    public long gpa() {
        return gpa;
    }

    /** Tells that the guest has kicked. */
    public void kicked() {
        server.run();
    }

    /** Returns a view for the thread that uses {@code memory}. */
    @SuppressWarnings("exports") // For the modules of the library.
    public View view(GuestMemory memory) {
        return new View(memory, gpa);
    }

    /**
     * Lays the ring out, as far as the guest has not; its first submission will be told by a kick.
     * No request of the guest's may name it from now on.
     */
    @SuppressWarnings("exports") // For the modules of the library.
    public void writeTo(GuestMemory memory) {
        memory.protect(gpa, RESERVED);
        View view = view(memory);
        view.release(ENT_HEAD, entHead);
        view.release(COM_TAIL, comTail);
        view.release(NEEDS_KICK, 1);
    }

    /**
     * Serves what waits, and returns how far the ring is then; while its guest is not running.
     *
     * @throws GuestException if the guest broke the ring
     */
    @SuppressWarnings("exports") // For the modules of the library.
    public synchronized State drain(GuestMemory memory, Devices devices) {
        int unused = pass(view(memory), devices);
        return new State(entHead, comTail);
    }

    /** Returns whether submissions may wait. */
    public boolean hasWork(View view) {
        return view.acquire(ENT_TAIL) != entHead;
    }

    /**
     * Asks the guest for a kick at its next submission, or for none. After asking, look again: the
     * guest may have looked before.
     */
    public void wantKick(View view, boolean wanted) {
        view.release(NEEDS_KICK, wanted ? 1 : 0);
        VarHandle.fullFence();
    }

    /**
     * Serves what waits, a ring's worth at most.
     *
     * @return how many submissions were served
     * @throws GuestException if the guest broke the ring
     */
    public synchronized int pass(View view, Devices devices) {
        int tail = view.acquire(ENT_TAIL);
        int waiting = tail - entHead;
        if (waiting < 0 || waiting > ENTRIES) {
            throw new GuestException(
                    "network ring: ent_tail is "
                            + Integer.toUnsignedString(waiting)
                            + " entries ahead, the ring has "
                            + ENTRIES);
        }
        int head = entHead;
        for (int i = 0; i < waiting; i++) {
            serve(view, devices, SUBMISSIONS + (head & ENTRIES - 1) * SUBMISSION_SIZE);
            head++;
            entHead = head; // Also where a later one ends the guest.
            if (i % TELL_EVERY == TELL_EVERY - 1) {
                view.release(ENT_HEAD, head);
            }
        }
        view.release(ENT_HEAD, head);
        submissions += waiting;
        return waiting;
    }

    private void serve(View view, Devices devices, int at) {
        int op = view.ring.getInt(at + OP);
        AttachedNet net = devices.find(AttachedNet.class, view.ring.getInt(at + HANDLE));
        long data = view.ring.getLong(at + DATA);
        long length = view.ring.getInt(at + LEN) & 0xffffffffL;
        int id = view.ring.getInt(at + ID);
        if (op == OP_NET_WRITE && net != null) {
            net.write(view.memory, data, length);
        } else if (op == OP_NET_READ) {
            read(view, net, data, length, id);
        }
    }

    private void read(View view, @Nullable AttachedNet net, long data, long length, int id) {
        int read = net == null ? -1 : net.read(view.memory, data, length);
        IoResult result =
                read > 0
                        ? IoResult.OK
                        : read == 0
                                ? IoResult.AGAIN
                                : net == null ? IoResult.EINVAL : IoResult.EUNSPEC;
        int at = COMPLETIONS + (comTail & ENTRIES - 1) * COMPLETION_SIZE;
        view.ring
                .putInt(at + DONE_ID, id)
                .putInt(at + DONE_RET, result.number())
                .putInt(at + DONE_LEN, Math.max(read, 0));
        comTail++;
        view.release(COM_TAIL, comTail);
    }

    /** Returns how many submissions were served. */
    public synchronized long submissions() {
        return submissions;
    }
}
