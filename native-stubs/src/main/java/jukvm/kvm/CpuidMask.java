package jukvm.kvm;

/**
 * What guests are not told of: features that only widen what hostile code can reach in the kernel,
 * and that no Solo5 guest uses.
 *
 * <p>Masked: VMX, SVM, SKINIT and SGX, the performance counters, of KVM's paravirtual interface all
 * but the clock, which ukvm 0.2 guests need, and shadow stacks with their pointer, which KVM lists
 * among no registers. Source of the bits: SDM volume 2, CPUID; AMD APM volume 3, appendix E;
 * linux/kvm_para.h.
 */
final class CpuidMask {
    private static final int VMX = 1 << 5; // leaf 1, ecx
    private static final int SGX = 1 << 2; // leaf 7, ebx
    private static final int SGX_LC = 1 << 30; // leaf 7, ecx
    private static final int SHADOW_STACKS = 1 << 7; // leaf 7, ecx
    private static final int BRANCH_TRACKING = 1 << 20; // leaf 7, edx
    private static final int SVM_AND_SKINIT = 1 << 2 | 1 << 12; // leaf 0x80000001, ecx
    private static final int PERFCTR = 1 << 23 | 1 << 24 | 1 << 28; // leaf 0x80000001, ecx

    // KVM_FEATURE_CLOCKSOURCE, _CLOCKSOURCE2 and _CLOCKSOURCE_STABLE_BIT.
    private static final int KVM_CLOCK = 1 | 1 << 3 | 1 << 24;

    private CpuidMask() {}

    static void apply(KvmCpuid2 table) {
        for (int i = 0; i < table.entries(); i++) {
            switch (table.get(i, KvmCpuid2.FUNCTION)) {
                case 1 -> table.and(i, KvmCpuid2.ECX, ~VMX);
                case 7 -> {
                    table.and(i, KvmCpuid2.EBX, ~SGX);
                    table.and(i, KvmCpuid2.ECX, ~(SGX_LC | SHADOW_STACKS));
                    table.and(i, KvmCpuid2.EDX, ~BRANCH_TRACKING);
                }
                case 0x80000001 -> table.and(i, KvmCpuid2.ECX, ~(SVM_AND_SKINIT | PERFCTR));
                case 0x40000001 -> {
                    clear(table, i, KvmCpuid2.EBX, KvmCpuid2.ECX, KvmCpuid2.EDX);
                    table.and(i, KvmCpuid2.EAX, KVM_CLOCK);
                }
                // Performance counters, SGX, SVM, and AMD's performance counters.
                case 0xA, 0x12, 0x8000000A, 0x80000022 ->
                        clear(table, i, KvmCpuid2.EAX, KvmCpuid2.EBX, KvmCpuid2.ECX, KvmCpuid2.EDX);
                default -> {}
            }
        }
    }

    private static void clear(KvmCpuid2 table, int entry, int... fields) {
        for (int field : fields) {
            table.put(entry, field, 0);
        }
    }
}
