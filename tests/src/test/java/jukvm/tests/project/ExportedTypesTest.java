package jukvm.tests.project;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReader;
import java.lang.module.ModuleReference;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the library shows to everybody: whatever is added here is somebody's for years. */
final class ExportedTypesTest {
    private static final String EXPORTED =
            """
            jukvm.abi AbiNote BootInfo DeviceKind DeviceType Dialect Manifest ManifestEntry \
            PrivilegeLevel SeedNote
            jukvm.call Hypercall TrapFrame
            jukvm.device AttachedBlock AttachedDevice AttachedNet BlockDevice Console \
            ConsoleCapture DeviceCounters Devices DhcpDevice DnsDevice DroppingConsole FileDisk \
            IoResult Ipv4Settings MacAddress MemoryDisk NetDevice NetRing Notices OverlayDisk PcapngCapture \
            PublishedPort StreamDevice SwitchPort TapDevice UdpPort Uplink UserNetwork \
            UserNetworkSpec VirtualSwitch WallClock
            jukvm.error ConfigException GuestException HostException ImageException \
            JukvmException
            jukvm.fetch FetchLimits ImageFetch
            jukvm.guest Counters Limit Metrics Outcome OutcomeKind PrivilegeMode \
            Registers Ring0Support RunResult SnapshotPoint Timeline TracedCall
            jukvm.host Layer Pollable Sync
            jukvm.image GuestImage ImageCache ImageNotes Segment Symbols
            jukvm.monitor CoreDumps Debugger GuestRun GuestSpec Hardening HostFacts Isolation \
            Monitor Profiler Recorder Recording RunQueue Snapshot
            """;

    @Test
    void shouldExportWhatEmbeddersNeed() throws IOException {
        Path[] places =
                Stream.of(Newcomer.classPath().split(":")).map(Path::of).toArray(Path[]::new);
        Map<String, Set<String>> types = new TreeMap<>();
        for (ModuleReference module : ModuleFinder.of(places).findAll()) {
            if (module.descriptor().name().startsWith("jukvm.")) {
                addTypes(module, types);
            }
        }
        String found =
                types.entrySet().stream()
                        .map(entry -> entry.getKey() + " " + String.join(" ", entry.getValue()))
                        .collect(Collectors.joining("\n", "", "\n"));
        assertEquals(EXPORTED, found);
    }

    private static void addTypes(ModuleReference module, Map<String, Set<String>> types)
            throws IOException {
        List<String> packages =
                module.descriptor().exports().stream()
                        .filter(export -> !export.isQualified())
                        .map(ModuleDescriptor.Exports::source)
                        .toList();
        try (ModuleReader reader = module.open();
                Stream<String> files = reader.list()) {
            for (String file :
                    files.filter(name -> name.matches("[a-z0-9/]+/\\w+[.]class")).toList()) {
                String name = file.replace(".class", "").replace('/', '.');
                String place = name.substring(0, name.lastIndexOf('.'));
                if (packages.contains(place) && isPublic(name)) {
                    types.computeIfAbsent(place, unused -> new TreeSet<>())
                            .add(name.substring(place.length() + 1));
                }
            }
        }
    }

    private static boolean isPublic(String name) {
        try {
            return Modifier.isPublic(
                    Class.forName(name, false, ExportedTypesTest.class.getClassLoader())
                            .getModifiers());
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }
}
