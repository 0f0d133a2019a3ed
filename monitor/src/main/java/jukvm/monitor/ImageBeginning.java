package jukvm.monitor;

import jukvm.abi.BootInfo;
import jukvm.device.NetRing;
import jukvm.hypercall.GuestHypercalls;
import jukvm.image.GuestImage;
import jukvm.memory.GuestMemory;
import jukvm.memory.MemoryTemplate;
import jukvm.x86.BootState;
import org.jspecify.annotations.Nullable;

/** A guest that begins at its image's first instruction. */
final class ImageBeginning implements Beginning {
    private final Monitor monitor;
    private final GuestPlan plan;
    private final GuestHypercalls hypercalls;
    private final @Nullable MemoryTemplate template;

    ImageBeginning(Monitor monitor, GuestPlan plan, GuestHypercalls hypercalls, TemplateKey key) {
        this.monitor = monitor;
        this.plan = plan;
        this.hypercalls = hypercalls;
        this.template = monitor.templates().find(key);
    }

    @Override
    public @Nullable MemoryTemplate template() {
        return template;
    }

    @Override
    public void layOut(GuestMemory memory) {
        plan.image().load(memory);
        BootState.layOut(memory, plan.image(), plan.ring(), hypercalls);
    }

    @Override
    public boolean setRegisters(VmShell shell) {
        BootState.setRegisters(
                shell.vcpu(), plan.dialect(), plan.ring(), plan.image().entry(), plan.visible());
        return true;
    }

    @Override
    public void populate(GuestMemory memory) {
        BootState.populate(memory, plan.image(), plan.visible());
    }

    @Override
    public void writeOwn(VmShell shell) {
        GuestMemory memory = shell.memory();
        GuestImage image = plan.image();
        plan.devices()
                .ring()
                .ifPresent(
                        ring -> {
                            memory.protect(ring.gpa(), NetRing.RESERVED);
                            ring.writeTo(memory);
                        });
        plan.dialect()
                .writeBootInfo(
                        memory,
                        new BootInfo(
                                plan.visible(),
                                image.end(),
                                monitor.tscHz(shell.vcpu()),
                                plan.commandLine(),
                                image.manifest(),
                                plan.devices()));
    }

    @Override
    public void resume(VcpuLoop loop) {}
}
