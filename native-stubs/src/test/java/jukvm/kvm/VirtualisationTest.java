package jukvm.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VirtualisationTest {
    @TempDir Path root;

    private Virtualisation host(String flags, String... modules) throws IOException {
        Path cpuinfo = root.resolve("proc/cpuinfo");
        Files.createDirectories(cpuinfo.getParent());
        Files.writeString(
                cpuinfo, "processor\t: 0\nflags\t\t: fpu " + flags + "\nbugs\t\t: none\n");
        for (String module : modules) {
            Files.createDirectories(root.resolve("sys/module/" + module + "/parameters"));
        }
        return Virtualisation.of(root);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "vmx sse | VMX (Intel VT-x)",
                "svm hypervisor | SVM (AMD-V), in a virtual machine",
                "hypervisor | none of the processor's own, in a virtual machine",
                "sse | none of the processor's own",
            })
    void shouldDescribeWhatTheProcessorShows(String flags, String text) throws IOException {
        assertEquals(text, host(flags).describe());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "vmx | sudo modprobe kvm_intel. If that fails, dmesg tells whether the firmware",
                "svm hypervisor | sudo modprobe kvm_amd. If that fails",
                "hypervisor | switch nested virtualisation on for it",
                "sse | Enable virtualisation in the firmware (Intel VT-x, AMD SVM mode)",
            })
    void shouldSayWhatToDoWithoutAModule(String flags, String remedy) throws IOException {
        String said = host(flags).remedy();
        assertTrue(said.contains(remedy), said);
    }

    @Test
    void shouldTakeALoadedModuleForAContainersLack() throws IOException {
        Virtualisation host = host("vmx", "kvm_intel");
        assertEquals(List.of("kvm_intel"), host.modules());
        assertTrue(host.remedy().startsWith("kvm_intel is loaded, so the host has it"));
        assertTrue(host.remedy().contains("docker or podman run --device /dev/kvm"));
        assertTrue(host.remedy().contains("Kubernetes"));
    }

    @Test
    void shouldTellWhetherGuestsMayHaveGuests() throws IOException {
        Path nested = root.resolve("sys/module/kvm_amd/parameters/nested");
        assertFalse(host("svm", "kvm_amd").isNested());
        Files.writeString(nested, "0\n");
        assertFalse(host("svm").isNested());
        Files.writeString(nested, "1\n");
        assertEquals("SVM (AMD-V), nested allowed", host("svm").describe());
        Files.writeString(nested, "Y\n");
        assertTrue(host("svm").isNested());
    }

    @Test
    void shouldKnowNothingOfAHostThatShowsNothing() {
        Virtualisation host = Virtualisation.of(root);
        assertFalse(host.isOfTheProcessor());
        assertEquals("none of the processor's own", host.describe());
    }
}
