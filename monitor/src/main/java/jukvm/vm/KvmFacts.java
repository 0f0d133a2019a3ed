package jukvm.vm;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import jukvm.abi.PrivilegeLevel;
import jukvm.error.ConfigException;
import jukvm.error.HostException;
import jukvm.guest.PrivilegeMode;
import jukvm.guest.Ring0Support;
import jukvm.kvm.Capability;
import jukvm.kvm.Cpuid;
import jukvm.kvm.Kvm;
import jukvm.kvm.Virtualisation;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What this host's KVM can do, as far as guests depend on it. Thread-safe. */
public final class KvmFacts implements GuestHost, SnapshotHost {
    private static final Logger LOG = LoggerFactory.getLogger(KvmFacts.class);

    private final Kvm kvm;
    private final KvmVms vms;
    private final boolean readOnlyMemory;
    private @Nullable Ring0Support ring0;
    private @Nullable DebugSupport debug;

    /**
     * Asks what no guest can do without.
     *
     * @throws HostException if it is missing, with the remedy
     */
    public KvmFacts(Kvm kvm, KvmVms vms) {
        this.kvm = kvm;
        this.vms = vms;
        require(Capability.USER_MEMORY, "KVM_CAP_USER_MEMORY");
        require(Capability.GET_TSC_KHZ, "KVM_CAP_GET_TSC_KHZ");
        this.readOnlyMemory = kvm.check(Capability.READONLY_MEM) != 0;
        LOG.debug("KVM: open; read-only memory {}", readOnlyMemory);
    }

    private void require(Capability capability, String name) {
        if (kvm.check(capability) == 0) {
            throw new HostException(
                    "KVM", "host does not support " + name, 0, "Run a newer kernel.");
        }
    }

    /**
     * Returns how guests at ring 0 run; probed at the first call.
     *
     * @throws HostException if the probe cannot be run
     */
    public synchronized Ring0Support ring0Support() {
        if (ring0 == null) {
            ring0 =
                    readOnlyMemory
                            ? PrivilegeProbe.run(vms)
                            : new Ring0Support(false, "KVM has no read-only memory slots");
            LOG.debug("ring 0: {}", ring0.seen());
        }
        return ring0;
    }

    @Override
    public PrivilegeLevel resolve(PrivilegeMode choice) {
        PrivilegeLevel privilege =
                switch (choice) {
                    case RING_0 -> PrivilegeLevel.RING_0;
                    case RING_3, AUTO -> PrivilegeLevel.RING_3;
                };
        if (privilege == PrivilegeLevel.RING_0 && !readOnlyMemory) {
            throw new ConfigException(
                    "ring 0 needs read-only memory slots (KVM_CAP_READONLY_MEM), which this host"
                            + " lacks; use ring 3");
        }
        return privilege;
    }

    @Override
    public boolean runsNatively(PrivilegeLevel privilege) {
        return privilege == PrivilegeLevel.RING_3 || ring0Support().isNative();
    }

    @Override
    public synchronized DebugSupport debugSupport() {
        if (debug == null) {
            debug = DebugProbe.run(vms);
        }
        return debug;
    }

    @Override
    public Cpuid cpuid() {
        return kvm.shown();
    }

    @Override
    public boolean runsPrivileged() {
        return readOnlyMemory;
    }

    @Override
    public boolean ownsCounter() {
        return Virtualisation.ofThisHost().isOfTheProcessor();
    }

    @Override
    public Set<Integer> settableMsrs() {
        return kvm.settableMsrs();
    }

    /** Returns the kernel's answer about each capability, by name; 0 if absent. */
    public Map<String, Integer> capabilities() {
        Map<String, Integer> answers = new LinkedHashMap<>();
        for (Capability capability : Capability.values()) {
            answers.put(capability.name(), kvm.check(capability));
        }
        return answers;
    }
}
