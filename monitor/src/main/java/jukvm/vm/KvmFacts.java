package jukvm.vm;

import java.util.LinkedHashMap;
import java.util.Map;
import jukvm.abi.PrivilegeLevel;
import jukvm.error.ConfigException;
import jukvm.error.HostException;
import jukvm.guest.PrivilegeDecision;
import jukvm.guest.PrivilegeMode;
import jukvm.kvm.Capability;
import jukvm.kvm.Kvm;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What this host's KVM can do, as far as guests depend on it. Thread-safe. */
public final class KvmFacts implements GuestHost {
    private static final Logger LOG = LoggerFactory.getLogger(KvmFacts.class);

    private final Kvm kvm;
    private final KvmVms vms;
    private final boolean readOnlyMemory;
    private final boolean ioeventfd;
    private @Nullable PrivilegeDecision auto;

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
        this.ioeventfd = kvm.check(Capability.IOEVENTFD) != 0;
        LOG.debug("KVM: open; read-only memory {}, ioeventfd {}", readOnlyMemory, ioeventfd);
    }

    private void require(Capability capability, String name) {
        if (kvm.check(capability) == 0) {
            throw new HostException(
                    "KVM", "host does not support " + name, 0, "Run a newer kernel.");
        }
    }

    /**
     * Returns what {@link PrivilegeMode#AUTO} means; probed at the first call.
     *
     * @throws HostException if the probe cannot be run
     */
    public synchronized PrivilegeDecision autoPrivilege() {
        if (auto == null) {
            auto =
                    readOnlyMemory
                            ? PrivilegeProbe.run(vms)
                            : new PrivilegeDecision(
                                    PrivilegeLevel.RING_3, "KVM has no read-only memory slots");
            LOG.debug("ring {}: {}", auto.level(), auto.reason());
        }
        return auto;
    }

    @Override
    public PrivilegeLevel resolve(PrivilegeMode choice) {
        PrivilegeLevel privilege =
                switch (choice) {
                    case AUTO -> autoPrivilege().level();
                    case RING_0 -> PrivilegeLevel.RING_0;
                    case RING_3 -> PrivilegeLevel.RING_3;
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
        return privilege == PrivilegeLevel.RING_3
                || autoPrivilege().level() == PrivilegeLevel.RING_0;
    }

    @Override
    public boolean hasIoeventfd() {
        return ioeventfd;
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
