package jukvm.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import jukvm.abi.PrivilegeLevel;
import jukvm.error.HostException;
import jukvm.kvm.KvmVcpu;
import jukvm.memory.ChargedMemory;
import jukvm.memory.GuestMemory;
import jukvm.memory.MemoryTemplate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** VMs are kept for guests that fit them, so many and no more, and all are gone in the end. */
final class VmPoolTest {
    private static final long MIB = 1 << 20;
    private static final VmKind SMALL = new VmKind(2 * MIB, PrivilegeLevel.RING_3, List.of());
    private static final VmKind LARGE = new VmKind(4 * MIB, PrivilegeLevel.RING_3, List.of());
    private static final long SECONDS = 60;

    private final List<FakeVm> made = Collections.synchronizedList(new ArrayList<>());
    private final AtomicInteger emptied = new AtomicInteger();
    private VmPool pool = pool(8 * MIB);

    private VmPool pool(long keepBytes) {
        return new VmPool(
                (kind, memory, clock) -> {
                    FakeVm vm = new FakeVm(memory);
                    made.add(vm);
                    return vm;
                },
                keepBytes,
                emptied::incrementAndGet);
    }

    @AfterEach
    void close() {
        pool.close();
    }

    /** A guest that says in what VM it ran, and ends when it is told. */
    private static class Job implements VmJob {
        final CompletableFuture<GuestVm> ran = new CompletableFuture<>();
        final CompletableFuture<Void> delivered = new CompletableFuture<>();
        final CountDownLatch mayEnd;
        final VmKind kind;
        volatile boolean isAbandoned;
        volatile boolean wasKept;
        boolean mayKeep = true;
        @Nullable MemoryTemplate template;

        Job(VmKind kind, boolean ends) {
            this.kind = kind;
            this.mayEnd = new CountDownLatch(ends ? 0 : 1);
        }

        @Override
        public VmKind kind() {
            return kind;
        }

        @Override
        public GuestStart start() {
            return new NoStart(template);
        }

        @Override
        public boolean run(VmSource source, boolean isKept) {
            wasKept = isKept;
            GuestVm mine = source.vm();
            ran.complete(mine);
            try {
                mayEnd.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return mayKeep;
        }

        @Override
        public void deliver() {
            delivered.complete(null);
        }

        @Override
        public void cancel() {
            mayEnd.countDown();
        }

        @Override
        public boolean isAbandoned() {
            return isAbandoned;
        }

        GuestVm vm() throws Exception {
            return ran.get(SECONDS, TimeUnit.SECONDS);
        }

        void awaitDelivery() throws Exception {
            delivered.get(SECONDS, TimeUnit.SECONDS);
        }
    }

    private record NoStart(@Nullable MemoryTemplate template) implements GuestStart {
        @Override
        public TemplateKey key() {
            throw new AssertionError();
        }

        @Override
        public @Nullable ChargedMemory charged() {
            return null;
        }

        @Override
        public PageTableKey tables() {
            throw new AssertionError();
        }

        @Override
        public void layOut(GuestMemory memory) {}

        @Override
        public boolean setRegisters(KvmVcpu vcpu) {
            return true;
        }

        @Override
        public void populate(GuestMemory memory) {}

        @Override
        public void writeOwn(GuestVm vm) {}

        @Override
        public @Nullable ResumePoint resume() {
            return null;
        }
    }

    private Job start(VmKind kind) {
        return start(new Job(kind, true));
    }

    private Job start(Job job) {
        assertTrue(pool.start(job));
        return job;
    }

    private GuestVm run(VmKind kind) throws Exception {
        Job job = start(kind);
        job.awaitDelivery();
        return job.vm();
    }

    private void awaitKept(long vms) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (pool.kept().kept() != vms) {
            assertTrue(System.nanoTime() < end, pool.kept().toString());
            Thread.sleep(1);
        }
    }

    @Test
    void shouldServeTheNextGuestInTheVmOfTheLast() throws Exception {
        GuestVm first = run(SMALL);
        awaitKept(1);
        Job second = start(SMALL);
        assertSame(first, second.vm());
        assertTrue(second.wasKept);
        second.awaitDelivery();
        awaitKept(1);
        assertEquals(2, made.get(0).cleaned.get());
        assertEquals(2, made.get(0).prepared.get());
    }

    @Test
    void shouldMakeAnotherForAGuestThatItDoesNotFit() throws Exception {
        GuestVm small = run(SMALL);
        awaitKept(1);
        GuestVm large = run(LARGE);
        assertNotSame(small, large);
        awaitKept(2);
        assertEquals(6 * MIB, pool.kept().bytes());
    }

    private static MemoryTemplate template() {
        try (GuestMemory image = GuestMemory.allocate(SMALL.memory())) {
            image.putU64(MIB, 1);
            return image.template(image.size());
        }
    }

    @Test
    void shouldPreferTheVmThatBeginsWithTheGuestsTemplate() throws Exception {
        Job first = start(new Job(SMALL, false));
        Job second = start(new Job(SMALL, false));
        GuestVm wanted = first.vm();
        second.vm();
        try (MemoryTemplate template = template()) {
            assertTrue(wanted.memory().begin(template));
            first.cancel();
            first.awaitDelivery();
            awaitKept(1);
            second.cancel();
            second.awaitDelivery();
            awaitKept(2);
            Job third = new Job(SMALL, true);
            third.template = template;
            assertSame(wanted, start(third).vm(), "though the other was used last");
            third.awaitDelivery();
            wanted.memory().clear();
        }
    }

    @Test
    void shouldKeepNoMoreMemoryThanItMay() throws Exception {
        List<Job> jobs = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            jobs.add(start(new Job(SMALL, false)));
        }
        for (Job job : jobs) {
            job.vm();
        }
        for (Job job : jobs) {
            job.cancel();
            job.awaitDelivery();
        }
        awaitKept(4);
        awaitClosed(2);
        assertEquals(8 * MIB, pool.kept().bytes());
    }

    private void awaitClosed(int vms) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (made.stream().mapToInt(vm -> vm.closed.get()).sum() < vms) {
            assertTrue(System.nanoTime() < end, "not closed");
            Thread.sleep(1);
        }
    }

    @Test
    void shouldNotKeepWhatItsGuestSpoiltOrWhatCannotBeCleaned() throws Exception {
        Job spoilt = new Job(SMALL, true);
        spoilt.mayKeep = false;
        start(spoilt).awaitDelivery();
        awaitClosed(1);
        assertEquals(0, made.get(0).cleaned.get());
        Job dirty = start(new Job(SMALL, false));
        dirty.vm();
        made.get(1).canBeCleaned = false;
        dirty.cancel();
        dirty.awaitDelivery();
        awaitClosed(2);
        assertEquals(0, pool.kept().kept());
    }

    // Whoever keeps none wants to know that everything is with the host again.
    @Test
    void shouldCloseTheVmBeforeTheResultIfItKeepsNone() throws Exception {
        pool = pool(0);
        Job job =
                new Job(SMALL, true) {
                    @Override
                    public void deliver() {
                        assertEquals(1, made.get(0).closed.get());
                        super.deliver();
                    }
                };
        start(job).awaitDelivery();
    }

    @Test
    void shouldLetAGuestHaveTheExceptionOfAVmThatIsRefused() throws Exception {
        pool =
                new VmPool(
                        (kind, memory, clock) -> {
                            throw new HostException("KVM", "no VM", 12, "");
                        },
                        MIB,
                        emptied::incrementAndGet);
        CompletableFuture<Boolean> refused = new CompletableFuture<>();
        Job job =
                new Job(SMALL, true) {
                    @Override
                    public boolean run(VmSource source, boolean isKept) {
                        assertThrows(HostException.class, source::vm);
                        refused.complete(true);
                        return true;
                    }
                };
        start(job).awaitDelivery();
        assertTrue(refused.get(SECONDS, TimeUnit.SECONDS));
        assertEquals(0, pool.kept().bytes());
    }

    @Test
    void shouldStopAllGuestsAndLeaveNothingWhenItIsClosed() throws Exception {
        run(LARGE);
        awaitKept(1);
        List<Job> jobs = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            jobs.add(start(new Job(SMALL, false)));
        }
        pool.close();
        for (Job job : jobs) {
            assertTrue(job.delivered.isDone());
        }
        assertEquals(11, made.size());
        made.forEach(vm -> assertEquals(1, vm.closed.get()));
        assertEquals(1, emptied.get());
        assertTrue(pool.isClosed());
        assertFalse(pool.start(new Job(SMALL, true)));
    }

    // Its thread is in a device of the embedder's, out of which nothing can take it.
    @Test
    void shouldNotWaitForAGuestThatIsAbandoned() throws Exception {
        Job stuck =
                new Job(SMALL, false) {
                    @Override
                    public void cancel() {
                        isAbandoned = true;
                    }
                };
        start(stuck).vm();
        pool.close();
        assertFalse(stuck.delivered.isDone());
        assertEquals(0, emptied.get());
        stuck.mayEnd.countDown();
        stuck.awaitDelivery();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (emptied.get() == 0) {
            assertTrue(System.nanoTime() < end, "the rest is done when it returns");
            Thread.sleep(1);
        }
    }

    /** A guest that is parked when it was run, and runs again when it is started again. */
    private class Parked extends Job {
        private @Nullable GuestMemory memory;
        private final CountDownLatch stays = new CountDownLatch(2);
        private volatile boolean wasOpen = true;

        Parked() {
            super(SMALL, true);
        }

        @Override
        public boolean run(VmSource source, boolean isKept) {
            GuestMemory own = memory;
            if (own == null) {
                GuestVm mine = source.vm();
                mine.memory().putU64(MIB, 42);
                ran.complete(mine);
                memory = source.takeMemory();
                assertNotSame(memory, mine.memory());
                assertEquals(0, mine.memory().u64(MIB));
            } else {
                memory = null;
                assertSame(own, source.vm(own).memory());
                assertEquals(42, own.u64(MIB));
            }
            return true;
        }

        @Override
        public void deliver() {
            if (memory != null) {
                wasOpen = pool.parked(this);
            }
            stays.countDown();
            super.deliver();
        }

        @Override
        public void cancel() {
            GuestMemory own = memory;
            if (own != null) {
                own.close();
                new Thread(() -> pool.parkedEnded(this), "ends").start();
            }
        }
    }

    @Test
    void shouldHaveAParkedGuestGoOnInAnotherVmWithItsMemory() throws Exception {
        Parked guest = new Parked();
        start(guest).awaitDelivery();
        awaitKept(1);
        start(SMALL).awaitDelivery();
        awaitKept(1);
        start(guest);
        assertTrue(guest.stays.await(SECONDS, TimeUnit.SECONDS));
        assertEquals(1, made.size());
        pool.close();
        assertEquals(1, emptied.get());
    }

    @Test
    void shouldEndGuestsThatAreParkedBeforeItIsClosed() throws Exception {
        for (int i = 0; i < 10; i++) {
            start(new Parked()).awaitDelivery();
        }
        assertFalse(pool.isCrowded());
        pool.close();
        assertEquals(1, emptied.get());
    }

    // It is none of those that are stopped because the pool is closed: it had a VM then.
    @Test
    void shouldSayThatItIsClosedWhenAGuestIsParked() throws Exception {
        CountDownLatch isClosed = new CountDownLatch(1);
        Parked guest =
                new Parked() {
                    @Override
                    public void deliver() {
                        try {
                            isClosed.await();
                        } catch (InterruptedException e) {
                            throw new AssertionError(e);
                        }
                        super.deliver();
                        pool.parkedEnded(this);
                    }

                    @Override
                    public void cancel() {
                        isClosed.countDown(); // It does not look any more.
                    }
                };
        start(guest).vm();
        pool.close();
        assertFalse(guest.wasOpen);
        assertEquals(1, emptied.get());
    }

    @Test
    void shouldTellWhenItIsCrowded() throws Exception {
        for (int i = 0; i < 64; i++) {
            start(new Job(SMALL, false)).vm();
        }
        assertFalse(pool.isCrowded());
        start(new Job(SMALL, false)).vm();
        assertTrue(pool.isCrowded());
    }

    @Test
    void shouldBeEmptyAtOnceIfNothingRan() {
        pool.close();
        assertEquals(1, emptied.get());
    }
}
