package jukvm.kvm;

/** The requests that are made of KVM by ioctl(2), for who lets no other pass. */
public final class KvmRequests {
    private KvmRequests() {}

    /** Returns their numbers, that of KVM_RUN first. */
    public static long[] numbers() {
        return new long[] {
            KvmVcpu.RUN,
            Kvm.GET_API_VERSION,
            Kvm.CREATE_VM,
            Kvm.CHECK_EXTENSION,
            Kvm.GET_VCPU_MMAP_SIZE,
            Kvm.GET_SUPPORTED_CPUID,
            KvmVm.SET_USER_MEMORY_REGION,
            KvmVm.CREATE_VCPU,
            KvmVm.ENABLE_CAP,
            KvmVcpu.GET_REGS,
            KvmVcpu.SET_REGS,
            KvmVcpu.GET_SREGS,
            KvmVcpu.SET_SREGS,
            KvmVcpu.SET_SIGNAL_MASK,
            KvmVcpu.SET_CPUID2,
            KvmVcpu.GET_TSC_KHZ,
            VcpuDebug.SET_GUEST_DEBUG,
            MsrTable.GET_MSR_INDEX_LIST,
            MsrTable.GET_MSRS,
            MsrTable.SET_MSRS,
            VcpuState.GET_VCPU_EVENTS,
            VcpuState.SET_VCPU_EVENTS,
            VcpuState.GET_DEBUGREGS,
            VcpuState.SET_DEBUGREGS,
            VcpuState.GET_XSAVE,
            VcpuState.SET_XSAVE,
            VcpuState.GET_XCRS,
            VcpuState.SET_XCRS
        };
    }
}
