package jukvm.run;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import jukvm.control.RunState;
import jukvm.control.VcpuScheduler;
import jukvm.debug.CoreImage;
import jukvm.error.ConfigException;
import jukvm.error.JukvmException;
import jukvm.io.SparseOutput;
import jukvm.memory.GuestMemory;
import org.jspecify.annotations.Nullable;

/**
 * One core of a guest that goes on after it. The guest's thread tells the registers, and waits: who
 * asks does the rest on a thread of its own, so that what it takes is not counted as the guest's.
 */
final class LiveCore {
    private static final long REST_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long LOOK_MILLIS = 20;

    private final Supplier<byte[]> head;
    private final Supplier<GuestMemory> memory;
    private final SparseOutput to;
    private final RunState state;
    private final CompletableFuture<byte[]> registers = new CompletableFuture<>();
    private final CountDownLatch written = new CountDownLatch(1);
    private final Runnable errand = this::standStill;
    private volatile @Nullable GuestMemory standing; // What its thread leaves alone.

    /**
     * Makes one.
     *
     * @param head tells the registers, on the guest's thread
     * @param memory tells the guest's, there too: it may change its VM until then
     * @param state of the run, which ends it when the guest is to be stopped
     */
    LiveCore(Supplier<byte[]> head, Supplier<GuestMemory> memory, SparseOutput to, RunState state) {
        this.head = head;
        this.memory = memory;
        this.to = to;
        this.state = state;
    }

    /**
     * Writes it.
     *
     * @param turn of the guest
     * @param waker has its thread look what was sent to it, if it waits for something else
     * @param isOver whether the guest has left for the last time
     * @throws ConfigException if the guest has ended or does not come to rest
     * @throws jukvm.error.HostException if the core cannot be written
     */
    void write(VcpuScheduler.Turn turn, Runnable waker, BooleanSupplier isOver) {
        if (!turn.send(errand)) {
            throw new ConfigException("core: another is being asked for");
        }
        waker.run();
        long start = System.nanoTime();
        boolean isInterrupted = false; // What has begun is ended all the same.
        while (!registers.isDone()) {
            withdrawIf(isOver.getAsBoolean() || isStopped(), start, turn);
            isInterrupted |= look();
        }
        try {
            byte[] told = told();
            CoreImage.write(told, Objects.requireNonNull(standing), to, this::isStopped);
        } finally {
            written.countDown();
            if (isInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private boolean isStopped() {
        return state.reason() != null;
    }

    private void withdrawIf(boolean hasEnded, long start, VcpuScheduler.Turn turn) {
        boolean isLate = System.nanoTime() - start > REST_NANOS;
        if ((hasEnded || isLate) && turn.withdraw(errand)) {
            throw new ConfigException(
                    hasEnded
                            ? "core: the guest has ended, or is to end"
                            : "core: the guest does not come to rest; its console, a device or a"
                                    + " debugger has it");
        }
    }

    // Returns whether it was interrupted.
    private boolean look() {
        try {
            registers.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
            return false;
        } catch (TimeoutException | ExecutionException e) {
            return false; // It is asked again, or fails when it is told.
        } catch (InterruptedException e) {
            return true;
        }
    }

    private byte[] told() {
        try {
            return registers.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof JukvmException known ? known : e;
        }
    }

    // On the guest's thread.
    private void standStill() {
        try {
            standing = memory.get();
            registers.complete(head.get());
        } catch (RuntimeException e) {
            registers.completeExceptionally(e);
            return;
        }
        boolean isInterrupted = false; // By the embedder: not here.
        boolean isWritten = false;
        while (!isWritten) {
            try {
                isWritten = written.await(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                if (isStopped()) {
                    to.cancel();
                }
            } catch (InterruptedException e) {
                isInterrupted = true;
            }
        }
        if (isInterrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
