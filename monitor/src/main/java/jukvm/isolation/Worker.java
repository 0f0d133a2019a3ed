package jukvm.isolation;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import jukvm.io.Channel;
import jukvm.io.Descriptor;
import jukvm.process.ChildProcess;
import jukvm.sandbox.ControlGroup;
import org.jspecify.annotations.Nullable;

/**
 * A process for guests of one tenant. Thread-safe, but for what the pool's lock guards. What comes
 * from it is hostile; what it does not take at once ends it, so that nobody waits for it.
 */
final class Worker {
    // The process is dead then, but the kernel may still be at giving back what it had.
    private static final long DEATH_MILLIS = 150;

    private static final int MOST_IMAGES = 16;

    // Of a guest beside its memory: the kernel's tables of it, a stack.
    private static final long OF_GUEST = 16L << 20;

    private final ChildProcess process;
    private final Channel channel;
    private final ControlGroup group;
    private final long ownBytes;
    private final CompletableFuture<String> end = new CompletableFuture<>();
    private volatile @Nullable String fault;

    // That it has, the one used last at the end.
    private final Set<Long> images = new LinkedHashSet<>();

    /** What it is to the pool. */
    enum Phase {
        /** It has not said yet that it is sealed. */
        STARTING,
        /** It runs guests. */
        READY,
        /** It is given no more guests, and was or is about to be ended. */
        RETIRED,
        /** Its channel is closed, so the end of its process is waited for. */
        DYING
    }

    // Guarded by the pool's lock.
    Phase phase = Phase.STARTING;
    @Nullable String tenant;
    int running;
    int served;
    long since = System.nanoTime();

    // Under this: the memory of its guests.
    private long guestBytes;

    /**
     * Makes it.
     *
     * @param group in which it is, with limits as for no guest
     */
    Worker(ChildProcess process, Channel channel, ControlGroup group) {
        this.process = process;
        this.channel = channel;
        this.group = group;
        this.ownBytes = group.memory();
    }

    ChildProcess process() {
        return process;
    }

    Channel channel() {
        return channel;
    }

    ControlGroup group() {
        return group;
    }

    /**
     * Lets it have the memory of one more guest, until {@link #giveUp}.
     *
     * @param bytes of the guest's memory
     */
    synchronized void makeRoom(long bytes) {
        guestBytes += bytes + OF_GUEST;
        group.allow(ownBytes + guestBytes);
    }

    /** Counts on that memory no more. What it may have stays, for the next guest. */
    synchronized void giveUp(long bytes) {
        guestBytes -= bytes + OF_GUEST;
    }

    /** What is asked of a guest, written to its channel. */
    interface Asking {
        /**
         * Writes it.
         *
         * @param isNew whether the worker is to be sent the image
         * @param forgotten an image that it is to forget, 0 if none
         */
        void write(boolean isNew, long forgotten);
    }

    /** Has it run a guest; the channel to that is sent, in which is what is asked. */
    void start(long guest, long image, Asking asking, Descriptor to) {
        synchronized (images) { // So that each comes after the one that brings its image.
            boolean isNew = !images.remove(image);
            long forgotten = images.size() < MOST_IMAGES ? 0 : images.iterator().next();
            images.remove(forgotten);
            images.add(image);
            asking.write(isNew, forgotten);
            send(Message.Kind.GUEST, guest, to.number());
        }
    }

    /** Tells it something about a guest. */
    void tell(Message.Kind what, long guest) {
        send(what, guest);
    }

    // Whoever stops a guest does not wait for an image that is on its way.
    private synchronized void send(Message.Kind what, long guest, int... descriptors) {
        if (!end.isDone()) {
            Message.begin(channel.begin(), what).putLong(guest);
            if (!channel.sendNow(descriptors)) {
                kill("does not listen");
            }
        }
    }

    /**
     * Ends it at once, and all of its guests.
     *
     * @param why in a few words; empty if how it ended tells more
     */
    void kill(String why) {
        if (fault == null && !why.isEmpty()) {
            fault = why;
        }
        process.kill();
    }

    /** Returns whether it waits for its first guest. */
    boolean isFresh() {
        return phase == Phase.READY && served == 0;
    }

    /** Returns whether its tenant has no guest at the moment. */
    boolean isIdle() {
        return phase == Phase.READY && served > 0 && running == 0;
    }

    /** Ends it, since it is to run no more guests. */
    void retire(String why) {
        if (phase != Phase.DYING) {
            phase = Phase.RETIRED;
            kill(why);
        }
    }

    /** Returns why it was ended, empty if it ended by itself. */
    String fault() {
        String why = fault;
        return why == null ? "" : why;
    }

    /** Returns how it died, in a few words; soon, whether it has or not. */
    String death() {
        String why = fault;
        if (why != null) {
            return why + " and was ended";
        }
        try {
            return end.get(DEATH_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return "has gone";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "has gone";
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns how it ended, in a few words, once it has. */
    String words(String how) {
        return group.isOutOfMemory()
                ? "was ended by the kernel, at its limit of " + group.memory() + " bytes of memory"
                : how;
    }

    /** Notes that nothing is left of it. */
    synchronized void ended(String how) {
        end.complete(how);
        channel.close();
        process.close();
    }
}
