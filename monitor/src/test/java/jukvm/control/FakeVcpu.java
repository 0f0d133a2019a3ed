package jukvm.control;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import jukvm.kvm.KvmRun;
import jukvm.kvm.Vcpu;
import org.jspecify.annotations.Nullable;

/**
 * A vCPU whose guest does what a script says: each step is one KVM_RUN. After the last step the
 * guest computes for ever, until it is kicked.
 */
public final class FakeVcpu implements Vcpu {
    /** One KVM_RUN; it fills in why the guest left. */
    public interface Step {
        Return run(ByteBuffer exit);
    }

    final AtomicInteger kicks = new AtomicInteger();
    private final ByteBuffer at = ByteBuffer.allocate(KvmRun.SIZE).order(ByteOrder.nativeOrder());
    private final KvmRun exit = new KvmRun(at);
    private final Queue<Step> steps = new ArrayDeque<>();
    private boolean isAttached;
    private boolean isKicked;

    /** Has the guest write a word to a port, as a hypercall does. */
    public FakeVcpu out(int port, int value) {
        return then(
                to -> {
                    // KVM_EXIT_IO: out, 4 bytes, once, its data at 2048.
                    to.putInt(8, 2);
                    to.put(32, (byte) 1).put(33, (byte) 4).putShort(34, (short) port);
                    to.putInt(36, 1).putLong(40, 2048).putInt(2048, value);
                    return Return.EXIT;
                });
    }

    /** Has the guest leave for this reason, by its number in linux/kvm.h. */
    public FakeVcpu leave(int reason) {
        return then(
                to -> {
                    to.putInt(8, reason);
                    return Return.EXIT;
                });
    }

    public FakeVcpu then(Step step) {
        steps.add(step);
        return this;
    }

    @Override
    public synchronized void attach() {
        isAttached = true;
    }

    @Override
    public synchronized void detach() {
        isAttached = false;
        isKicked = false;
    }

    @Override
    public synchronized void kick() {
        kicks.incrementAndGet();
        if (isAttached) {
            isKicked = true;
            notifyAll();
        }
    }

    @Override
    public Return run() {
        Step next = nextStep();
        return next == null ? awaitKick() : next.run(at);
    }

    private synchronized @Nullable Step nextStep() {
        return isKicked ? null : steps.poll();
    }

    private synchronized Return awaitKick() {
        while (!isKicked) {
            try {
                wait();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
        isKicked = false;
        return Return.INTERRUPTED;
    }

    @Override
    public KvmRun exit() {
        return exit;
    }

    /** Returns whether a thread has it. */
    synchronized boolean isAttached() {
        return isAttached;
    }
}
