package jukvm.run;

import jukvm.abi.BootInfo;
import jukvm.device.Devices;
import jukvm.device.NetRing;
import jukvm.hypercall.GuestHypercalls;
import jukvm.image.GuestImage;
import jukvm.kvm.KvmVcpu;
import jukvm.memory.ChargedMemory;
import jukvm.memory.GuestMemory;
import jukvm.memory.MemoryTemplate;
import jukvm.memory.RandomBytes;
import jukvm.replay.RunControl;
import jukvm.vm.GuestStart;
import jukvm.vm.GuestVm;
import jukvm.vm.PageTableKey;
import jukvm.vm.ResumePoint;
import jukvm.vm.TemplateKey;
import jukvm.vm.Templates;
import jukvm.x86.BootState;
import jukvm.x86.RewrittenCode;
import org.jspecify.annotations.Nullable;

/** A guest that starts at its image's first instruction. */
final class ImageStart implements GuestStart {
    private final RunRequest request;
    private final GuestImage image;
    private final Devices devices;
    private final GuestHypercalls hypercalls;
    private final TemplateKey key;
    private final Templates templates;
    private final @Nullable RunControl control;

    /**
     * Makes one.
     *
     * @param hypercalls whose ports the guest may write to
     * @param control what records or replays it, null if nothing does
     */
    ImageStart(
            RunRequest request,
            Devices devices,
            GuestHypercalls hypercalls,
            Templates templates,
            @Nullable RunControl control) {
        this.request = request;
        this.image = request.image();
        this.devices = devices;
        this.hypercalls = hypercalls;
        // Another guest is not to begin with what is written over in this one.
        this.key = request.templateKey(control == null ? image : control, devices);
        this.templates = templates;
        this.control = control;
    }

    @Override
    public TemplateKey key() {
        return key;
    }

    @Override
    public @Nullable MemoryTemplate template() {
        return templates.find(key); // While the guest waited in a queue it may have been made.
    }

    @Override
    public @Nullable ChargedMemory charged() {
        return request.charged();
    }

    @Override
    public PageTableKey tables() {
        return request.tables();
    }

    @Override
    public void layOut(GuestMemory memory) {
        image.load(memory);
        BootState.layOut(memory, image, request.privilege(), this::mayWriteTo);
        if (control != null) {
            control.code().apply(memory);
        }
    }

    private boolean mayWriteTo(int port) {
        return hypercalls.knows(port) || (control != null && port == RewrittenCode.PORT);
    }

    @Override
    public boolean setRegisters(KvmVcpu vcpu) {
        BootState.setRegisters(
                vcpu, request.dialect(), request.privilege(), image.entry(), visibleMemory());
        return true;
    }

    @Override
    public void populate(GuestMemory memory) {
        BootState.populate(memory, image, visibleMemory());
    }

    @Override
    public void writeOwn(GuestVm vm) {
        GuestMemory memory = vm.memory();
        devices.ring().ifPresent(ring -> ring.writeTo(memory));
        BootInfo info =
                new BootInfo(
                        visibleMemory(),
                        image.end(),
                        control == null ? vm.tscHz() : control.tscHz(vm.tscHz()),
                        request.commandLine(),
                        image.manifest(),
                        devices);
        request.dialect().writeBootInfo(memory, info);
        if (control == null) { // What is recorded gives the guest random numbers itself.
            image.seed().ifPresent(seed -> seed.renew(memory, RandomBytes::fill));
        }
    }

    // What the guest is told it has, in bytes: a network ring is behind it.
    private long visibleMemory() {
        return devices.ring().map(NetRing::gpa).orElse(request.memory());
    }

    @Override
    public @Nullable ResumePoint resume() {
        return null;
    }
}
