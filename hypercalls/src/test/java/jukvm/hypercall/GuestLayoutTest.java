package jukvm.hypercall;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import jukvm.abi.BootInfo;
import jukvm.abi.Dialect;
import jukvm.abi.Manifest;
import jukvm.call.TrapFrame;
import jukvm.device.Console;
import jukvm.device.Devices;
import jukvm.device.WallClock;
import jukvm.io.Poller;
import jukvm.memory.GuestMemory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Holds what hypercalls read and write against what our guests declare: src/test/c/guest_probe.c.
 */
class GuestLayoutTest {
    private static final String GOLDEN = "/guest_probe.txt";
    private static final Path PROBE = Path.of("src", "test", "c", "guest_probe.c");
    private static final Path RUNTIME = Path.of("..", "guest-images", "runtime");

    /** Each source of a guest's runtime that declares what it shares, with what it is built by. */
    private static final List<List<String>> SOURCES =
            List.of(
                    List.of("hvt.c", "-DHVT", "-DABI_VERSION=2"),
                    List.of("ukvm.c", "-DUKVM", "-DUKVM_MINOR=2"),
                    List.of("ukvm.c", "-DUKVM", "-DUKVM_MINOR=3"),
                    List.of("since-ukvm-03.c", "-DEND"),
                    List.of("ring.c", "-DRING"));

    /** What guests share with nobody, or with KVM itself: its clocks. */
    private static final Set<String> OWN =
            Set.of("block_info", "net_info", "line", "trap", "gate", "system_time", "wall_time");

    static Stream<String> constants() throws IOException {
        return golden().stream().filter(line -> Character.isUpperCase(line.charAt(0)));
    }

    @ParameterizedTest
    @MethodSource("constants")
    void shouldAgreeWithTheGuests(String line) throws Exception {
        int dot = line.indexOf('.');
        int equals = line.indexOf('=');
        Field field =
                type(line.substring(0, dot)).getDeclaredField(line.substring(dot + 1, equals));
        field.setAccessible(true);
        assertEquals(Long.parseLong(line.substring(equals + 1)), field.getLong(null));
    }

    private static Class<?> type(String name) throws ClassNotFoundException {
        for (String room : List.of("abi", "device", "hypercall")) {
            try {
                return Class.forName("jukvm." + room + "." + name);
            } catch (ClassNotFoundException e) {
                // It is in the next.
            }
        }
        throw new ClassNotFoundException(name);
    }

    @Test
    void shouldWriteBootInformationWhereGuestsReadIt() throws IOException {
        Manifest none = new Manifest(List.of());
        Devices devices = Devices.basic(Console.discard(), WallClock.host(), new Poller());
        BootInfo info = new BootInfo(1 << 20, 3 << 12, 2_445_402_000L, "", none, devices);
        Map<String, Long> shared =
                Map.of("mem_size", 1L << 20, "kernel_end", 3L << 12, "cmdline", 0x12000L);
        try (GuestMemory memory = GuestMemory.allocate(1 << 20)) {
            Dialect.HVT_2.writeBootInfo(memory, info);
            Map<String, Long> hvt = new TreeMap<>(shared);
            hvt.put("cpu_cycle_freq", 2_445_402_000L);
            hvt.put("mft", BootInfo.GPA + 56);
            hvt.put("host_features", 0L);
            hvt.put("net_ring", 0L);
            assertEquals(hvt, fields(memory, BootInfo.GPA, "boot."));
            Dialect.UKVM_0_3.writeBootInfo(memory, info);
            Map<String, Long> ukvm = new TreeMap<>(shared);
            ukvm.put("tsc_freq", 2_445_402_000L);
            assertEquals(ukvm, fields(memory, BootInfo.GPA, "ukvm."));
        }
    }

    @Test
    void shouldReadATrapFrameAsGuestsWriteIt() throws IOException {
        try (GuestMemory memory = GuestMemory.allocate(1 << 20)) {
            for (int at = 0; at < Halt.COOKIE_SIZE; at += Long.BYTES) {
                memory.putU64(at, at + 1);
            }
            TrapFrame frame = Halt.frame(memory, 0);
            Map<String, Long> read = new TreeMap<>();
            read.put("cr2", frame.cr2());
            read.put("error", frame.error());
            read.put("rip", frame.rip());
            read.put("cs", frame.cs());
            read.put("rflags", frame.rflags());
            read.put("rsp", frame.rsp());
            read.put("ss", frame.ss());
            assertEquals(fields(memory, 0, "frame."), read);
        }
    }

    /** Returns what lies where guests have the fields of a struct, by their names. */
    private static Map<String, Long> fields(GuestMemory memory, long gpa, String struct)
            throws IOException {
        Map<String, Long> fields = new TreeMap<>();
        for (String line : golden()) {
            if (line.startsWith(struct)) {
                int equals = line.indexOf('=');
                long at = gpa + Long.parseLong(line.substring(equals + 1));
                fields.put(line.substring(struct.length(), equals), memory.u64(at));
            }
        }
        return fields;
    }

    @Test
    void shouldProbeEveryStructThatGuestsDeclare() throws IOException {
        String probe = Files.readString(PROBE);
        Set<String> missing = new TreeSet<>();
        Pattern declared = Pattern.compile("^struct (\\w+) \\{", Pattern.MULTILINE);
        try (Stream<Path> files = Files.list(RUNTIME)) {
            for (Path file : files.filter(path -> path.toString().matches(".*\\.[ch]")).toList()) {
                declared.matcher(Files.readString(file))
                        .results()
                        .map((MatchResult found) -> found.group(1))
                        .filter(name -> !OWN.contains(name))
                        .filter(name -> !probe.matches("(?s).*[ ,]" + name + "[,)].*"))
                        .forEach(missing::add);
            }
        }
        assertEquals(Set.of(), missing);
    }

    @Test
    void shouldHaveGoldenFileAsTheProbeSaysIt(@TempDir Path folder) throws Exception {
        boolean hasCompiler =
                Stream.of(System.getenv("PATH").split(":", -1))
                        .anyMatch(path -> Files.isExecutable(Path.of(path, "gcc")));
        assumeTrue(hasCompiler, "no gcc");
        Set<String> said = new TreeSet<>();
        for (List<String> source : SOURCES) {
            Path assembly = folder.resolve("probe.s");
            List<String> line = new ArrayList<>(List.of("gcc", "-S", "-std=c11", "-ffreestanding"));
            line.addAll(List.of("-I" + RUNTIME, "-DSOURCE=\"" + source.get(0) + "\""));
            line.addAll(source.subList(1, source.size()));
            line.addAll(List.of("-o", assembly.toString(), PROBE.toString()));
            Process compiler = new ProcessBuilder(line).redirectErrorStream(true).start();
            String output = new String(compiler.getInputStream().readAllBytes(), UTF_8);
            assertEquals(0, compiler.waitFor(), output);
            Files.readAllLines(assembly).stream()
                    .filter(text -> text.startsWith("->"))
                    .forEach(text -> said.add(text.substring(2)));
        }
        assertTrue(said.size() > 50, said.toString());
        Set<String> golden = new TreeSet<>(golden());
        Set<String> stale = new TreeSet<>(golden);
        stale.removeAll(said);
        said.removeAll(golden);
        assertEquals(Set.of(), said, "the guests say, and guest_probe.txt does not");
        assertEquals(Set.of(), stale, "guest_probe.txt says, and the guests do not");
    }

    private static List<String> golden() throws IOException {
        try (InputStream in = GuestLayoutTest.class.getResourceAsStream(GOLDEN)) {
            return new String(Objects.requireNonNull(in).readAllBytes(), UTF_8).lines().toList();
        }
    }
}
