package jukvm.kvm;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import jukvm.error.HostException;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;

/**
 * What was in the model-specific registers of a vCPU at one moment. Used by one thread at a time.
 */
final class MsrTable implements AutoCloseable {
    static final long GET_MSR_INDEX_LIST = Ioctl.iowr(0x02, 4);
    static final long GET_MSRS = Ioctl.iowr(0x88, KvmMsrs.SIZE);
    static final long SET_MSRS = Ioctl.iow(0x89, KvmMsrs.SIZE);

    private static final Libc LIBC = Libc.get();

    // The counter itself runs on; its offset is what a guest can change.
    static final int MSR_IA32_TSC = 0x10;

    // What the monitor sets on behalf of guests at ring 3: the clocks of KVM, by both numbers.
    private static final List<Integer> CLOCKS = List.of(0x11, 0x12, 0x4b564d00, 0x4b564d01);

    // Where processors and hypervisors have registers, from a number to before another. KVM lists
    // what a migration needs, and takes more than that: memory types, machine check banks.
    private static final int[][] RANGES = {
        {0x0, 0x4a0},
        {0x560, 0x5a0},
        {0x600, 0x700},
        {0xd90, 0xdb0},
        {0x40000000, 0x40000110},
        {0x4b564d00, 0x4b564d10},
        {0xc0000080, 0xc0000110},
        {0xc0000300, 0xc0000310},
        {0xc0010000, 0xc0010300},
        {0xc0011000, 0xc0011040}
    };

    // What no giving makes as it was: Hyper-V's clocks of vCPU and VM, which go on, and EFER, of
    // which LMA follows from the special registers.
    private static final Set<Integer> MOVING = Set.of(0x40000010, 0x40000020, 0xc0000080);

    private static final int MAX_LISTED = 1024;

    // KVM takes less than 256 at a time.
    private static final int BATCH = 128;
    private static final int BATCH_SIZE = KvmMsrs.SIZE + BATCH * KvmMsrs.ENTRY_SIZE;

    private final Mapping batch;
    private final KvmMsrs entries;
    private final int[] indexes;
    private final long[] values;

    private MsrTable(int[] indexes) {
        this.indexes = indexes;
        this.values = new long[indexes.length];
        this.batch = Mapping.anonymous(BATCH_SIZE);
        this.entries = new KvmMsrs(batch.window(0, BATCH_SIZE));
    }

    /**
     * Returns the registers of a vCPU that can be read and set again, by their numbers.
     *
     * @param privileged whether those that a guest at ring 0 can change, or only those that are set
     *     on behalf of one at ring 3
     */
    static int[] indexes(Fd kvm, Fd vcpu, boolean privileged) {
        int[] found = new int[MAX_LISTED];
        int count = 0;
        try (Mapping one = Mapping.anonymous(KvmMsrs.SIZE + KvmMsrs.ENTRY_SIZE)) {
            for (int index : privileged ? candidates(kvm) : CLOCKS) {
                if (index != MSR_IA32_TSC && canBeSet(vcpu, one, index)) {
                    found = count < found.length ? found : Arrays.copyOf(found, 2 * count);
                    found[count++] = index;
                }
            }
        }
        return Arrays.copyOf(found, count);
    }

    private static boolean canBeSet(Fd vcpu, Mapping one, int index) {
        new KvmMsrs(one.window(0, one.length())).count(1).put(0, index, 0);
        return LIBC.ioctl(vcpu.number(), GET_MSRS, one.address()) == 1
                && LIBC.ioctl(vcpu.number(), SET_MSRS, one.address()) == 1;
    }

    private static Set<Integer> candidates(Fd kvm) {
        Set<Integer> candidates = new LinkedHashSet<>();
        try (Mapping arena = Mapping.anonymous(Integer.BYTES * (MAX_LISTED + 1L))) {
            ByteBuffer list = arena.window(0, arena.length());
            list.putInt(0, MAX_LISTED);
            KvmCall.ioctl(kvm, "KVM_GET_MSR_INDEX_LIST", GET_MSR_INDEX_LIST, arena.address());
            for (int i = 1; i <= list.getInt(0); i++) {
                candidates.add(list.getInt(Integer.BYTES * i));
            }
        }
        for (int[] range : RANGES) {
            for (int index = range[0]; index < range[1]; index++) {
                candidates.add(index);
            }
        }
        return candidates;
    }

    /**
     * Takes what is in the registers of a vCPU.
     *
     * @throws HostException if one cannot be read
     */
    static MsrTable of(Fd vcpu, int[] indexes) {
        MsrTable table = new MsrTable(indexes);
        try {
            for (int from = 0; from < indexes.length; from += BATCH) {
                int count = table.read(vcpu, from);
                for (int i = 0; i < count; i++) {
                    table.values[from + i] = table.entries.data(i);
                }
            }
            return table;
        } catch (RuntimeException e) {
            table.close();
            throw e;
        }
    }

    /** Makes one of registers and what they are to hold. */
    static MsrTable of(List<Msr> msrs) {
        MsrTable table = new MsrTable(msrs.stream().mapToInt(Msr::index).toArray());
        for (int i = 0; i < msrs.size(); i++) {
            table.values[i] = msrs.get(i).value();
        }
        return table;
    }

    /** Returns all of them. */
    List<Msr> entries() {
        return IntStream.range(0, indexes.length).mapToObj(this::entry).toList();
    }

    /** Returns those that hold something else than in a table of the same registers. */
    List<Msr> changedFrom(MsrTable other) {
        return IntStream.range(0, indexes.length)
                .filter(i -> values[i] != other.values[i])
                .mapToObj(this::entry)
                .toList();
    }

    private Msr entry(int at) {
        return new Msr(indexes[at], values[at]);
    }

    /**
     * Gives them to a vCPU. Those that hold what they should are left alone: some can be written
     * only before a vCPU has run. KVM may pass over one, and say nothing, because of what another
     * holds (Hyper-V's hypercall page, without a guest's name): so all are looked at again, and
     * given the other way round.
     *
     * @throws HostException if the host does not take all of them, or one holds something else then
     */
    void giveTo(Fd vcpu) {
        if (giveWrong(vcpu, true) && giveWrong(vcpu, false)) {
            requireAll(vcpu);
        }
    }

    private void requireAll(Fd vcpu) {
        for (int from = 0; from < indexes.length; from += BATCH) {
            for (int at : wrong(vcpu, from)) {
                if (!MOVING.contains(indexes[at])) {
                    throw failure("KVM_SET_MSRS", indexes[at], "keeps something else");
                }
            }
        }
    }

    private static HostException failure(String operation, int index, String how) {
        return new HostException(
                "KVM vCPU: " + operation, String.format("register 0x%x %s", index, how), 0, "");
    }

    // Returns whether there were any.
    private boolean giveWrong(Fd vcpu, boolean fromTheLast) {
        boolean isAny = false;
        int last = (indexes.length - 1) / BATCH * BATCH;
        for (int at = 0; at < indexes.length; at += BATCH) {
            int[] wrong = wrong(vcpu, fromTheLast ? last - at : at);
            for (int i = 0; i < wrong.length; i++) {
                int next = wrong[fromTheLast ? wrong.length - 1 - i : i];
                entries.put(i, indexes[next], values[next]);
            }
            if (wrong.length > 0) {
                isAny = true;
                call(vcpu, "KVM_SET_MSRS", SET_MSRS, wrong.length);
            }
        }
        return isAny;
    }

    // Returns which of a batch hold something else.
    private int[] wrong(Fd vcpu, int from) {
        int count = read(vcpu, from);
        int[] wrong = new int[count];
        int found = 0;
        for (int i = 0; i < count; i++) {
            if (entries.data(i) != values[from + i]) {
                wrong[found++] = from + i;
            }
        }
        return Arrays.copyOf(wrong, found);
    }

    private int read(Fd vcpu, int from) {
        int count = Math.min(BATCH, indexes.length - from);
        for (int i = 0; i < count; i++) {
            entries.put(i, indexes[from + i], 0);
        }
        call(vcpu, "KVM_GET_MSRS", GET_MSRS, count);
        return count;
    }

    private void call(Fd vcpu, String operation, long request, int count) {
        entries.count(count);
        int done = KvmCall.ioctl(vcpu, operation, request, batch.address());
        if (done != count) {
            throw failure(operation, entries.index(done), "is refused");
        }
    }

    @Override
    public void close() {
        batch.close();
    }
}
